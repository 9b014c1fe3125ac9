"""Store, credentials, wire and journal: what only a clock, another process or the real spec-kitty tells."""

import concurrent.futures
import http.server
import os
import pathlib
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from harness import ROOT, Missed, Place, cargo, hold, payload, tested, together


def issues(count):
    return [payload(number) for number in range(count)]


def yaml_truth(options):
    """Files of another seed, asked anew."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "truth.jsonl"
        maker = ROOT / "tests/reliability_store/yaml_truth.py"
        count = options.count(2_000, 20_000)
        subprocess.run([options.spec_kitty, maker, "--seed", str(options.seed + 1), "--count", str(count), "--out", out], check=True, capture_output=True)
        return "asked anew: " + cargo(options, "reliability_store", ["yaml_truth::"], CATSEYE_YAML_TRUTH=str(out))


COMMANDS = [
    ["check", "--json"], ["payload"], ["issues", "--json"], ["mappings"], ["why", "external_resource_id"], ["diff"], ["journal"],
    ["frame", "--keys", "2Gj<enter>345<enter>67"], ["frame", "--keys", "2/title<enter>nskp"], ["publish", "--yes"],
]
CALLS = "openat,open,creat,unlink,unlinkat,rename,renameat,renameat2,truncate,ftruncate,mkdir,mkdirat,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat," \
        "pwrite64,pwritev,write,writev,fallocate,utimensat,mmap"


def writes(line, folders):
    """Whether this system call writes to one of the folders."""
    if not any(folder in line for folder in folders):
        return False
    reads = re.search(r"open(at)?\(.*O_RDONLY", line) and "O_CREAT" not in line and "O_TRUNC" not in line
    maps = " mmap(" in line and "PROT_WRITE" not in line
    # Output that merely names a path goes to a pipe.
    output = re.search(r"\b(p?write(64|v)?)\((\d+)<([^>]*)>", line)
    elsewhere = output and not any(output[4].startswith(folder) for folder in folders)
    return not (reads or maps or elsewhere or "+++" in line or "---" in line)


def read_only(options):
    """No system call that writes goes to project or home, and their files are the same before and after."""
    dice, sessions, runs, logs, bad = random.Random(options.seed), options.count(20, 200), 0, 0, []
    for _ in range(sessions):
        with Place(options, issues(5)) as place:
            mode = dice.choice(["DELETE", "PERSIST", "WAL", "live WAL"])
            database = sqlite3.connect(place.store)
            database.execute(f"PRAGMA journal_mode = {mode.split()[-1]}")
            database.execute("UPDATE tracker_checkpoints SET cursor = 'x'")
            database.commit()
            if mode != "live WAL":
                database.close()
            log, folders = place.folder / "strace", (str(place.home), str(place.project))
            before = listing(*folders)
            for _ in range(2):
                command = dice.choice(COMMANDS)
                place.run(*command, under=["strace", "-f", "-y", "-e", f"trace={CALLS}", "-o", log])
                runs += 1
                if listing(*folders) != before:
                    bad.append(f"{mode} {command}: something was created, removed or written")
                for line in re.sub(r"AT_FDCWD<[^>]*>", "AT_FDCWD", log.read_text(errors="replace")).splitlines():
                    # SQLite opens a log that is there for writing, even read-only, and writes nothing to it.
                    if mode == "live WAL" and re.search(r'openat\(AT_FDCWD, "[^"]*-wal", O_RDWR\|O_CREAT', line):
                        logs += 1
                    elif writes(line, folders):
                        bad.append(f"{mode} {command}: {line[:300]}")
    told = f"{sessions} sessions, {runs} runs by their system calls: {len(bad)} that write; {logs} openings of a live log by SQLite itself"
    hold(not bad, f"{told}: {bad[:3]}")
    return told


def listing(*folders):
    """Names, inodes, sizes and times below the folders."""
    found = {}
    for folder in folders:
        for path in pathlib.Path(folder).rglob("*"):
            told = path.lstat()
            # A live -shm is where readers of a log tell of themselves.
            found[path] = (told.st_ino, told.st_size, told.st_mode, 0 if path.name.endswith("-shm") else told.st_mtime_ns)
    return found


def nonce(number):
    """No character is the one at its place before, nor one of `null` or `cursor`: all are drawn anew."""
    letters = "abdefgh" if number % 2 else "ijkmpqvwxyz"
    return "".join(random.choice(letters) for _ in range(12))


def at_the_checkpoint(place):
    """An inspector that shows the checkpoint."""
    terminal = place.inspector()
    terminal.until(b"ROUTED")
    terminal.press("4")
    terminal.until(b"updated_since")
    return terminal


# Inspectors that are watched side by side: each waits most of the time.
WATCHERS = {"quiet": 8, "beside a writer": 4}


def freshness(options):
    """From a commit to the screen."""
    return "; ".join([
        fresh(options, "quiet", options.count(20, 10_000), False, 1.0),
        fresh(options, "beside a writer", options.count(20, 10_000), True, 2.0),
    ])


def fresh(options, label, commits, storm, most):
    watchers = min(WATCHERS[label], commits // 10)
    with concurrent.futures.ProcessPoolExecutor(watchers) as pool:
        parts = list(pool.map(watched, *zip(*((options, commits // watchers, storm, at) for at in range(watchers)))))
    times = sorted(time for part, _ in parts for time in part)
    others = sum(written for _, written in parts)
    p99 = times[min(len(times) - 1, len(times) * 99 // 100)]
    beside = f" beside {others} others" if storm else ""
    told = f"{label}: {len(times)} commits{beside} on the screen after {statistics.median(times):.2f} s (median), {p99:.2f} s (p99), {times[-1]:.2f} s (max)"
    hold(p99 <= most, told)
    return told


def watched(options, commits, storm, number):
    """How long each commit took to one inspector's screen, and how many others there were."""
    random.seed(options.seed + number)
    with Place(options, issues(50)) as place, at_the_checkpoint(place) as terminal:
        stop, written = threading.Event(), [0]

        def write():
            while not stop.is_set():
                place.commit("UPDATE tracker_mappings SET updated_at = ?", str(written[0]))
                place.commit("INSERT OR REPLACE INTO tracker_issues VALUES ('other', 'other', 'w', 'i', ?, NULL)", str(time.time()))
                written[0] += 2
                time.sleep(0.002)

        thread = threading.Thread(target=write)
        if storm:
            thread.start()
        times = []
        try:
            for commit in range(commits):
                text = nonce(commit)
                terminal.fresh()
                place.commit("UPDATE tracker_checkpoints SET cursor = ?", text)
                times.append(terminal.until(text.encode(), 30))
                time.sleep(random.random() * 0.3)
        finally:
            stop.set()
            if storm:
                thread.join()
    return times, written[0]


KILLED = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 10")
database.execute("BEGIN")
database.execute("UPDATE tracker_checkpoints SET cursor = 'never'")
database.execute("UPDATE tracker_issues SET payload = replace(payload, 'A title', 'never') || hex(zeroblob(3000))")
print("ready", flush=True)
sys.stdin.read()
"""


def killed_writers(options):
    """A writer killed in a transaction: nothing of it on the screen, and the next commit within 2 s."""
    random.seed(options.seed)
    kills, times, wrong = options.count(20, 200), [], 0
    with Place(options, issues(300)) as place, at_the_checkpoint(place) as terminal:
        for number in range(kills):
            terminal.fresh()
            writer = subprocess.Popen([sys.executable, "-c", KILLED, place.store], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            writer.stdout.readline()
            time.sleep(random.random() * 0.4)
            writer.kill()
            writer.wait()
            time.sleep(random.random() * 1.2)
            text = nonce(number)
            place.commit("UPDATE tracker_checkpoints SET cursor = ?", text)
            times.append(terminal.until(text.encode(), 30))
            wrong += b"never" in terminal.bytes
    told = f"{kills} writers killed beside the inspector: {wrong} wrong rows on the screen, the next commit after {max(times):.2f} s at most"
    hold(wrong == 0 and max(times) <= 2.0, told)
    return told


class Counting(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts += 1
        time.sleep(0.05)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def hammering(options):
    """Keys hammered, held and pasted into a real inspector."""
    dice, dialogs, over = random.Random(options.seed), options.count(10, 100), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.posts = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Place(options, issues(3)) as place, place.inspector(SAAS_API_URL=f"http://127.0.0.1:{server.server_port}") as terminal:
        terminal.until(b"ROUTED")
        for dialog in range(dialogs):
            before, held = server.posts, dialog % 3 == 0
            terminal.fresh()
            # Typed ahead of the dialog: never counts.
            terminal.press("pPPP" if dice.random() < 0.5 else "p")
            terminal.until(b"sends exactly these")
            for _ in range(dice.randrange(5, 30)):
                terminal.press("P" if held else dice.choice(["P", "PP", "PPPP"]))
                time.sleep(0.03 if held else dice.choice([0, 0.001, 0.05, 0.3, 0.55, 0.7]))
                terminal.press("\x1b[200~pPP\x1b[201~" if dice.random() < 0.1 else "")
            time.sleep(0.3)
            posts = server.posts - before
            if posts > 1 or (held and posts):
                over.append((dialog, held, posts))
            for _ in range(2):
                terminal.press("\x1b")
                time.sleep(0.1)
    server.shutdown()
    told = f"{dialogs} dialogs in a terminal, {server.posts} POSTs, {len(over)} twice or by a held key"
    hold(not over and server.posts > 0, f"{told}: {over}")
    return told


def parity(options):
    """The real spec-kitty in generated worlds."""
    with tempfile.TemporaryDirectory() as folder:
        out, count = pathlib.Path(folder) / "worlds.jsonl", options.count(100, 500)
        oracle = [options.spec_kitty, ROOT / "tests/parity/oracle.py", "--seed", str(options.seed), "--count", str(count), "--cli", "5", "--out", out]
        subprocess.run(oracle, check=True, capture_output=True)
        command = ["cargo", "test", "--locked", "--test", "parity", "--", "--nocapture"]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "CATSEYE_PARITY_WORLDS": str(out)}, capture_output=True, text=True, check=False)
        tally = re.search(r"\d+ worlds: .*", done.stdout)
        hold(done.returncode == 0 and tally, done.stdout[-2000:])
        return tally[0]


FIGURES = {
    "R2": together(tested("reliability_store", "yaml_truth::"), yaml_truth),
    "R3": tested("reliability_store", "mutants::", most=(r"longest (\d+) ms", 1000)),
    "R4": together(tested("reliability_store", "states::"), tested("privileged", "another_user")),
    "R5": together(tested("reliability_store", "untouched::"), read_only),
    "R7": together(tested("reliability_store", "watched::"), freshness),
    "R8": tested("reliability_store", "snapshots::"),
    "R9": together(tested("reliability_store", "writers::"), killed_writers),
    "R10": tested("reliability_store", "torn::"),
    "P1": tested("reliability_store", "wire::", most=(r"longest (\d+) ms", 30_000)),
    "P2": tested("reliability_store", "cuts::"),
    "P3": tested("reliability_store", "kills::killed"),
    "P4": together(tested("reliability_store", "kills::the_record"), tested("privileged", "syncs_come")),
    "P5": together(tested("reliability_store", "disk::"), tested("privileged", "no_record")),
    "P6": together(tested("reliability_store", "presses::"), hammering),
    "P7": parity,
    "P8": tested("reliability_store", "stale_keys::"),
    "fuzz": tested("reliability_store", "fuzz::"),
}
