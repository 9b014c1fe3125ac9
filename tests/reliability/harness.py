"""What the figures share: how large they are, cargo, a project to run in, and a program in a pseudo-terminal."""

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


class Missed(Exception):
    """A figure that was not reached."""


def hold(condition, told):
    if not condition:
        raise Missed(told)


class Options:
    """How large the figures are, and by what they are measured."""

    def __init__(self, size, seed, spec_kitty):
        self.size, self.seed, self.spec_kitty = size, seed, spec_kitty
        self.quick = size == "quick"
        self.part = int(size[1:]) if size.startswith("/") else 1
        # Times are taken of what is shipped, but on a submission of what the tests have built.
        self.binary = ROOT / "target" / ("debug" if self.quick else "release") / "catseye"
        self.profile = "dev" if self.quick else "full"

    def count(self, quick, full):
        """As many as on a submission, or the stated part of the full size."""
        return quick if self.quick else max(quick, -(-full // self.part))

    def build(self):
        build = ["cargo", "build", "--locked", "--quiet"]
        subprocess.run([*build, "--bins"] if self.quick else [*build, "--bins", "--release"], cwd=ROOT, check=True)
        subprocess.run([*build, "--examples", "--profile", self.profile], cwd=ROOT, check=True)


def cargo(options, binary, names, **variables):
    """Runs tests in this size, with all their assertions on; returns what they tell of each figure."""
    environment = {**os.environ, "CATSEYE_SEED": str(options.seed), **variables}
    environment.pop("CATSEYE_RELIABILITY", None)
    if not options.quick:
        environment["CATSEYE_RELIABILITY"] = options.size
    command = ["cargo", "test", "--locked", "--quiet", "--profile", options.profile, "--test", binary, "--", "--nocapture", *names]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    hold(done.returncode == 0, (done.stdout + done.stderr)[-3000:])
    told = re.findall(r"figure (\S+(?: \w+)*: .*); seed \d+$", done.stdout, re.M)
    hold(told, f"no figure from {names}: {done.stdout[-1000:]}")
    told = "; ".join(told)
    hold("SKIPPED" not in told, told)
    return told


def tested(binary, *names, most=None):
    """A figure that tests alone reach; `most` is a pattern of a number they tell, and how large it may be."""

    def measure(options):
        told = cargo(options, binary, names)
        if most:
            pattern, limit = most
            numbers = [int(number) for number in re.findall(pattern, told)]
            hold(numbers and max(numbers) <= limit, f"over {limit}: {told}")
        return told

    return measure


def together(*measures):
    """A figure that is measured in several ways."""
    return lambda options: "; ".join(measure(options) for measure in measures)


SCHEMA = """
CREATE TABLE tracker_issues (identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,
    issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT);
CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT);
CREATE TABLE tracker_mappings (wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL,
    external_id TEXT NOT NULL, external_key TEXT, external_url TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    PRIMARY KEY (wp_id, system), UNIQUE (system, workspace, external_id));
INSERT INTO tracker_checkpoints VALUES ('jira:acme.example', 'cursor', NULL);
"""


def payload(number=1, **fields):
    """An issue as spec-kitty stores it."""
    ref = {"system": "jira", "workspace": "acme.example", "id": str(number), "key": f"ACME-{number}", "url": None}
    value = {
        "ref": ref, "title": "A title", "body": "b", "status": "todo", "issue_type": "task", "priority": 2, "assignees": [],
        "labels": [], "parent": None, "links": [], "custom_fields": {}, "created_at": None, "updated_at": None, "raw": None,
    }
    return json.dumps({**value, **fields}, ensure_ascii=False)


class Place:
    """A routed project with home, store and state of its own."""

    def __init__(self, options, issues=(payload(),)):
        self.binary = options.binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="catseye-full-"))
        self.project, self.home = self.folder / "project", self.folder / "home"
        (self.project / ".kittify").mkdir(parents=True)
        (self.home / ".spec-kitty/trackers").mkdir(parents=True)
        (self.project / ".kittify/config.yaml").write_text("tracker:\n  provider: jira\n  workspace: acme.example\n")
        self.credentials = self.home / ".spec-kitty/credentials"
        self.credentials.write_text('[tracker.providers.jira]\nproject_key = "ACME"\n')
        self.credentials.chmod(0o600)
        shown = json.loads(self.run("check", "--json").stdout)
        self.store = pathlib.Path(shown["store"]["path"])
        database = sqlite3.connect(self.store)
        database.executescript(SCHEMA)
        rows = ((f"{number:06}", issue) for number, issue in enumerate(issues))
        database.executemany("INSERT INTO tracker_issues VALUES (?, 'jira', 'w', 'i', ?, NULL)", rows)
        database.commit()
        database.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, **more):
        return {
            "PATH": os.environ["PATH"], "EDITOR": "true", "HOME": str(self.home), "XDG_STATE_HOME": str(self.folder / "state"), "TMPDIR": str(self.folder),
            "SPEC_KITTY_ENABLE_SAAS_SYNC": "1", "SAAS_AUTH_TOKEN": "token-0123456789", "SAAS_API_URL": "http://127.0.0.1:9",
            "TERM": "xterm-256color", **more,
        }

    def run(self, *arguments, under=()):
        """The program's own answer, or the one of a program that runs it."""
        command = [*under, self.binary, *arguments]
        return subprocess.run(command, cwd=self.project, env=self.environment(), capture_output=True, text=True, errors="replace", timeout=120)

    def inspector(self, size=(140, 40), under=(), **more):
        return Terminal([*under, self.binary], self.environment(**more), self.project, size)

    def commit(self, sql, *values):
        """As spec-kitty does it: a connection for each commit."""
        database = sqlite3.connect(self.store)
        database.execute(sql, values)
        database.commit()
        database.close()


class Terminal:
    """A program in a pseudo-terminal, and the bytes that it wrote."""

    def __init__(self, arguments, environment=None, folder=None, size=(80, 24), ignore_hangup=False):
        self.temp = tempfile.mkdtemp(prefix="catseye-full-")
        own = {"TERM": "xterm-256color", "TMPDIR": self.temp, "HOME": self.temp, "PATH": os.environ["PATH"], "EDITOR": "true"}
        self.status = None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.chdir(folder or self.temp)
            os.execve(arguments[0], [str(word) for word in arguments], {**own, **(environment or {})})
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.bytes = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

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

    def settle(self, seconds):
        """Reads for so long, or to the end."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.read(left) is not None:
            pass

    def fresh(self):
        """Forgets what was written so far."""
        while self.read(0.02):
            pass
        self.bytes = b""

    def until(self, text, seconds=20):
        """Waits until this has been written; for how long."""
        start = time.monotonic()
        while text not in self.bytes:
            left = start + seconds - time.monotonic()
            if left < 0 or self.read(left) is None:
                raise Missed(f"no {text!r} in {self.bytes[-2000:]!r}")
        return time.monotonic() - start

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """Waits for the end; its status and what it used."""
        _, self.status, used = os.wait4(self.pid, 0)
        shutil.rmtree(self.temp, ignore_errors=True)
        return self.status, used

    def close(self):
        """Quits it, by force where it must be."""
        if self.status is None:
            end = time.monotonic() + 5
            try:
                self.press("\x03")
                while time.monotonic() < end and self.read(0.2) is not None:
                    pass
            except OSError:
                pass
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.end()
            os.close(self.master)
        return self.status
