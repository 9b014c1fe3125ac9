"""Text, secrets, terminal and clipboard: the tests in their full size, and what only a clock or another program tells."""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Quick to start and as it is shipped; the tests use the other one.
BINARY = pathlib.Path(os.environ.get("CATSEYE_BINARY", ROOT / "target/debug/catseye"))


class Missed(Exception):
    """A figure that was not reached."""


def hold(condition, told):
    if not condition:
        raise Missed(told)


def cargo(test, options):
    """Runs tests in this size; returns what they told."""
    environment = dict(os.environ, CATSEYE_SEED=str(options.seed))
    if options.size != "quick":
        environment["CATSEYE_RELIABILITY"] = options.size
    command = ["cargo", "test", "--locked", "--test", "reliability", test, "--", "--nocapture"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    hold(done.returncode == 0, (done.stdout + done.stderr)[-2000:])
    told = re.findall(r"^figure (.*)$", done.stdout, re.M)
    hold(told, f"no figure from {test}")
    return "; ".join(told)


def tested(test):
    return lambda options: cargo(test, options)


def parsers(options):
    told = cargo("fuzz_text::", options)
    slowest = max(int(number) for number in re.findall(r"slowest (\d+) ms", told))
    hold(slowest <= 250, f"{slowest} ms for one file: {told}")
    return told


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, arguments, variables=(), ignore_hangup=False, size=(80, 24)):
        self.temp = tempfile.mkdtemp()
        environment = {"TERM": "xterm-256color", "TMPDIR": self.temp, "HOME": self.temp, "PATH": os.environ["PATH"]}
        environment.update(variables)
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.chdir(self.temp)
            os.execve(arguments[0], [str(word) for word in arguments], environment)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.bytes = b""

    def read(self, seconds):
        """What comes within this time; None at the end."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return b""
        try:
            more = os.read(self.master, 65536)
        except OSError:
            return None
        self.bytes += more
        return more or None

    def until(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.bytes:
            left = end - time.monotonic()
            if left < 0 or self.read(left) is None:
                raise Missed(f"no {text!r} in {self.bytes[-2000:]!r}")

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """Waits for the end; its status and what it used."""
        _, status, used = os.wait4(self.pid, 0)
        shutil.rmtree(self.temp, ignore_errors=True)
        return status, used

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        status, _ = self.end()
        os.close(self.master)
        return status


def restore(options):
    told = cargo("terminal::t1", options)
    # A job of an interactive shell that is continued in the background leaves the shell's terminal alone.
    shell = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], {"PS1": "prompt> "})
    try:
        shell.until(b"prompt> ")
        shell.press(f"stty -a > before; {BINARY} demo\n")
        shell.until(b"NULL ROUTE")
        shell.press("\x1a")
        shell.until(b"Stopped")
        shell.bytes = b""
        shell.press("bg; echo went-on\n")
        shell.until(b"went-on\r\n")
        shell.press("stty -a > after; echo $?$?\n")
        shell.until(b"00\r\n")
        before, after = ((pathlib.Path(shell.temp) / name).read_text() for name in ("before", "after"))
        hold(before == after, f"bg changed the terminal: {before} {after}")
        hold(b"\x1b[?1049h" not in shell.bytes, "bg drew on the shell's screen")
        shell.bytes = b""
        shell.press("fg\n")
        shell.until(b"NULL ROUTE")
        shell.press("q")
        # What is typed before the shell reads again is the inspector's.
        shell.until(b"nothing left this machine\r\n")
        shell.bytes = shell.bytes.rpartition(b"machine\r\n")[2]
        shell.until(b"prompt> ")
        shell.press("stty -a > after; echo $?$?\n")
        shell.until(b"00\r\n")
        after = (pathlib.Path(shell.temp) / "after").read_text()
        hold(before == after, f"fg and q left the terminal changed: {before} {after}")
    finally:
        shell.close()
    return told + "; bg and fg of a shell's job leave its terminal as it was"


def dead_terminal(options):
    times = 6 if options.size == "quick" else 50
    slowest = cpu = 0.0
    for at in range(times):
        terminal = Terminal([BINARY, "demo"], ignore_hangup=at % 2 == 1)
        terminal.until(b"NULL ROUTE")
        before = time.monotonic()
        os.close(terminal.master)
        _, used = terminal.end()
        slowest = max(slowest, time.monotonic() - before)
        cpu = max(cpu, used.ru_utime + used.ru_stime)
    told = f"{times} dead terminals, SIGHUP ignored in half: gone after {slowest * 1000:.0f} ms at most, {cpu:.2f} s CPU for the whole run"
    hold(slowest <= 2.0, told)
    # Start and frames are in it, too.
    hold(cpu <= 0.2, told)
    return told


def world(folder, payload):
    """A routed project with one issue."""
    project, home = folder / "project", folder / "home"
    (project / ".kittify").mkdir(parents=True)
    (project / ".kittify/config.yaml").write_text(
        "project:\n  uuid: 550e8400\n  slug: demo\ntracker:\n  provider: jira\n  workspace: acme.example\n"
    )
    trackers = home / ".spec-kitty/trackers"
    trackers.mkdir(parents=True)
    credentials = home / ".spec-kitty/credentials"
    credentials.write_text('[tracker.providers.jira]\nproject_key = "ACME"\n')
    credentials.chmod(0o600)
    environment = {"HOME": str(home), "XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder), "PATH": os.environ["PATH"]}
    paths = subprocess.run([BINARY, "paths"], cwd=project, env=environment, capture_output=True, text=True).stdout
    store = re.search(r"store\s+(\S+)", paths).group(1)
    connection = sqlite3.connect(store)
    connection.executescript(
        "CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,"
        " issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT);"
        "CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);"
        "CREATE TABLE tracker_mappings (wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL,"
        " external_id TEXT NOT NULL, external_key TEXT, external_url TEXT, created_at TEXT NOT NULL,"
        " updated_at TEXT NOT NULL, PRIMARY KEY (wp_id, system));"
    )
    connection.execute("INSERT INTO tracker_issues VALUES ('a', 'jira', 'w', 'i', ?, 'u')", (payload,))
    connection.commit()
    connection.close()
    return project, environment


def payload(**fields):
    value = {
        "ref": {"system": "jira", "workspace": "acme.example", "id": "1", "key": "ACME-1", "url": None},
        "title": "NEEDLE", "body": "b", "status": "todo", "issue_type": "task", "priority": 2, "assignees": [],
        "labels": [], "parent": None, "links": [], "custom_fields": {}, "created_at": None, "updated_at": None, "raw": None,
    }
    value.update(fields)
    return json.dumps(value, ensure_ascii=False)


def frame_times(payload):
    """The slowest answer to a key in the issue's detail in ms, and the peak of the memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        project, environment = world(pathlib.Path(folder), payload)
        terminal = Terminal([BINARY, "--project", project], environment, size=(120, 36))
        try:
            terminal.until(b"Findings", 60)
            terminal.press("2")
            terminal.until(b"ACME-1", 60)
            terminal.press("\r")
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                terminal.read(0.2)
            slowest = 0.0
            for key in "jkjkjkjkjk":
                terminal.press(key)
                before = time.monotonic()
                # A frame is written in one piece; without a change only its frame marks come.
                terminal.read(5)
                slowest = max(slowest, time.monotonic() - before)
                while terminal.read(0.05):
                    pass
            memory = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{terminal.pid}/status").read_text())
            return slowest * 1000, int(memory.group(1)) / 1024
        finally:
            terminal.close()


def hostile_sizes(options):
    told = [cargo("escape::r12", options)]
    scale = 1 if options.size == "full" else 8
    million = 1_000_000 // scale
    cases = {
        "small": payload(),
        "60 MB body": payload(body="b" * (60 * million)),
        "1 M lines": payload(body="x\n" * million),
        "5 M marks": payload(title="a" + "\u0301" * (5 * million)),
        "50 MB line": payload(title="y" * (50 * million)),
        "100 k labels": payload(labels=[f"label-{at}" for at in range(100_000 // scale)]),
    }
    missed = []
    base = None
    for name, text in cases.items():
        slowest, memory = frame_times(text)
        base = base or memory
        told.append(f"{name}: frame {slowest:.0f} ms, {memory - base:+.0f} MiB")
        if slowest > 50:
            missed.append(f"{name} {slowest:.0f} ms")
        if memory - base > 100:
            missed.append(f"{name} {memory - base:+.0f} MiB")
    hold(not missed, f"over 50 ms or +100 MiB: {', '.join(missed)}; all: {'; '.join(told)}")
    return "; ".join(told)


SWEEP = ["openat", "read", "pread64", "fstat", "connect", "write", "writev", "fdatasync", "ioctl"]
ERRORS = ["EIO", "EACCES", "ENOENT", "EINTR", "EMFILE", "ENOSPC"]


def errno_sweep(options):
    """Each system call fails once with each error: no panic, and the terminal comes back."""
    hold(shutil.which("strace"), "no strace here")
    stride = {"full": 5, "quick": 211}.get(options.size, 61)
    runs = panics = 0
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        project, environment = world(pathlib.Path(folder), payload())
        environment.update({"SPEC_KITTY_ENABLE_SAAS_SYNC": "1", "SAAS_API_URL": "http://127.0.0.1:9", "SAAS_AUTH_TOKEN": "t0ken-0123456789"})
        for arguments in (["check"], ["publish", "--yes"], ["issues", "--json"]):
            for call in SWEEP:
                count = subprocess.run(
                    ["strace", "-f", "-qq", "-e", f"trace={call}", "-o", "/dev/stdout", BINARY, *arguments],
                    cwd=project, env=environment, capture_output=True, text=True,
                ).stdout.count(f"{call}(")
                for error in ERRORS:
                    for at in range(1 + runs % stride, count + 1, stride):
                        done = subprocess.run(
                            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=none", "-e", f"inject={call}:error={error}:when={at}", BINARY, *arguments],
                            cwd=project, env=environment, capture_output=True, text=True, timeout=60,
                        )
                        runs += 1
                        if "internal error" in done.stderr or "panicked" in done.stderr or done.returncode in (101, -6, -11, 134, 139):
                            panics += 1
                            bad.append(f"{arguments[0]} {call} {error} {at}: {done.returncode} {done.stderr[-300:]}")
        # The inspector in a terminal: whatever fails once, the modes are as before.
        for call in SWEEP:
            for error in ERRORS:
                for at in range(1, 400, stride * 3):
                    terminal = Terminal(
                        [shutil.which("strace"), "-f", "-qq", "-o", "/dev/null", "-e", "trace=none", "-e", f"inject={call}:error={error}:when={at}", BINARY, "--project", project],
                        environment,
                    )
                    before = termios.tcgetattr(terminal.master)
                    end = time.monotonic() + 6
                    while time.monotonic() < end and b"\x1b[?2026l" not in terminal.bytes:
                        if terminal.read(0.2) is None:
                            break
                    for _ in range(40):
                        try:
                            terminal.press("\x03")
                        except OSError:
                            break
                        if terminal.read(0.1) is None:
                            break
                    after = termios.tcgetattr(terminal.master)
                    terminal.close()
                    runs += 1
                    if b"internal error" in terminal.bytes or b"panicked" in terminal.bytes:
                        panics += 1
                        bad.append(f"inspector {call} {error} {at}: {terminal.bytes[-200:]!r}")
                    if before[:4] != after[:4]:
                        bad.append(f"inspector {call} {error} {at}: the terminal is not as before")
    hold(not bad, f"{len(bad)} of {runs}: {bad[:3]}")
    return f"{runs} runs, a system call failing in each, every {stride}th place: {panics} panics, the terminal as before"


def clipboards(options):
    """Where a copy goes and what is said of it, in ten environments."""
    lines = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        project, environment = world(folder, payload())
        environment["XDG_RUNTIME_DIR"] = str(folder)

        def copied(variables, keys="2yv", said=()):
            terminal = Terminal([BINARY, "--project", project], {**environment, **variables}, size=(160, 30))
            try:
                terminal.until(b"Findings")
                for key in keys:
                    terminal.press(key)
                    end = time.monotonic() + 0.4
                    while time.monotonic() < end:
                        terminal.read(0.1)
                for text in said:
                    terminal.until(text.encode(), 5)
                return terminal
            except Missed:
                terminal.close()
                raise

        terminal = copied({}, said=["cannot", "\x1b]52;c;"])
        lines.append("no display: OSC 52, unverified")
        terminal.close()
        terminal = copied({"DISPLAY": ":987"}, said=["cannot", "\x1b]52;c;"])
        lines.append("dead X: OSC 52, unverified")
        terminal.close()
        terminal = copied({"WAYLAND_DISPLAY": "wayland-none"}, said=["cannot", "\x1b]52;c;"])
        lines.append("dead Wayland: OSC 52, unverified")
        terminal.close()
        terminal = copied({"DISPLAY": ":1", "SSH_CONNECTION": "a 1 b 2"}, said=["cannot", "\x1b]52;c;"])
        lines.append("SSH: OSC 52, unverified")
        terminal.close()
        terminal = copied({"STY": "1.x"}, said=["cannot", "\x1bP\x1b]52;c;"])
        lines.append("screen: wrapped OSC 52, unverified")
        terminal.close()
        if shutil.which("Xvfb") and shutil.which("xclip"):
            display = ":97"
            server = subprocess.Popen(["Xvfb", display, "-nolisten", "tcp"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                end = time.monotonic() + 10
                while not pathlib.Path("/tmp/.X11-unix/X97").exists() and time.monotonic() < end:
                    time.sleep(0.05)
                terminal = copied({"DISPLAY": display}, said=["stays while"])
                back = subprocess.run(["xclip", "-o", "-selection", "clipboard"], env={"DISPLAY": display, "PATH": os.environ["PATH"]}, capture_output=True, timeout=10)
                hold(back.stdout, f"xclip reads nothing back: {back.stderr!r}")
                lines.append(f"Xvfb: {len(back.stdout)} bytes read back by xclip while it runs")
                terminal.close()
            finally:
                server.terminate()
                server.wait()
        else:
            lines.append("Xvfb: not here")
        if shutil.which("tmux"):
            for setting in ("external", "on", "off"):
                socket = folder / f"tmux-{setting}"
                tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
                subprocess.run([*tmux, "new-session", "-d", "sleep", "60"], check=True)
                try:
                    subprocess.run([*tmux, "set", "-s", "set-clipboard", setting], check=True)
                    terminal = copied({"TMUX": f"{socket},1,0"}, said=["paste buffer"])
                    shown = subprocess.run([*tmux, "show-buffer"], capture_output=True)
                    hold(shown.stdout, f"tmux {setting} has nothing")
                    lines.append(f"tmux {setting}: {len(shown.stdout)} bytes in its buffer, unverified for the terminal")
                    terminal.close()
                finally:
                    subprocess.run([*tmux, "kill-server"])
        hang = folder / "bin"
        hang.mkdir()
        (hang / "tmux").write_text("#!/bin/sh\nexec sleep 30\n")
        (hang / "tmux").chmod(0o755)
        terminal = copied({"TMUX": "x,1,0", "PATH": f"{hang}:{os.environ['PATH']}"}, said=["cannot"])
        lines.append("tmux hangs: passed over after 1 s")
        terminal.close()
    return "; ".join(lines)


def supply(options):
    source = subprocess.run(["grep", "-rnw", "unsafe", "src"], cwd=ROOT, capture_output=True, text=True).stdout
    hold(not re.search(r"unsafe\s*(\{|fn|impl)", source), source)
    tree = subprocess.run(["cargo", "tree", "--locked", "-e", "normal", "-p", "libsqlite3-sys", "--depth", "0"], cwd=ROOT, capture_output=True, text=True)
    hold(len(tree.stdout.split()) == 2, tree.stdout + tree.stderr)
    deny = shutil.which("cargo-deny") or str(ROOT / "target/tools/bin/cargo-deny")
    done = subprocess.run([deny, "--config", ".deny.toml", "check", "bans", "licenses", "sources"], cwd=ROOT, capture_output=True, text=True)
    hold(done.returncode == 0, done.stderr[-2000:])
    return f"0 unsafe of our own (forbidden by a lint), one {tree.stdout.strip()}, licences, duplicates and sources as in .deny.toml"


FIGURES = {
    "R1": parsers,
    "R12": hostile_sizes,
    "S1": tested("escape::s1"),
    "S2": tested("escape::s2"),
    "S4": tested("escape::s4"),
    "S5": tested("secrets::"),
    "S7": tested("hosts::"),
    "S8": supply,
    "T1": restore,
    "T2": dead_terminal,
    "T3": tested("terminal::t3"),
    "T4": tested("terminal::t4"),
    "C1": clipboards,
    "C2": tested("shell::"),
    "A2": errno_sweep,
}
