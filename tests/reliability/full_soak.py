"""A1: the inspector beside a writer and a person, for minutes: its memory and its descriptors stay where they are."""

import os
import pathlib
import random
import re
import statistics
import time

from full_store import issues, nonce
from harness import Place, hold

KEYS = [*"1234567jkGgnpE?", "\r", "\t", "/title\r", *(["\x1b"] * 4)]


def soak(options):
    """Hurried through a third of the time, until allocator and caches have all that they will ever want; then at a
    person's pace, with a sample a second. The slope is between the medians of the second and the last third: a load that
    is under way lends a sample a megabyte."""
    minutes = options.count(1, 10)
    dice = random.Random(options.seed)
    samples, number, pressed = [], 0, []
    with Place(options, issues(2_000)) as place, place.inspector() as terminal:
        terminal.until(b"ROUTED")
        start = looked = time.monotonic()
        while (passed := time.monotonic() - start) < minutes * 60:
            number += 1
            place.commit("UPDATE tracker_checkpoints SET cursor = ?", nonce(number))
            if number % 20 == 0:
                place.credentials.write_text(place.credentials.read_text())
            pressed = [*pressed[-20:], dice.choice(KEYS)]
            terminal.press(pressed[-1])
            terminal.settle(0.03 if passed < minutes * 20 else 0.3)
            ending, terminal.bytes = terminal.bytes[-3000:], b""
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                samples.append((looked - start, *looked_at(terminal.pid, pressed, ending)))
    return judged(samples, minutes, number)


def looked_at(pid, pressed, ending):
    """Memory in MiB, descriptors, threads and seconds of processor."""
    proc = pathlib.Path(f"/proc/{pid}")
    status = (proc / "status").read_text()
    hold("VmRSS" in status, f"it ended after {pressed}: {ending!r}")
    # Behind the name, which may hold anything.
    fields = (proc / "stat").read_text().rsplit(")", 1)[1].split()
    return (
        int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024, len(os.listdir(proc / "fd")),
        int(re.search(r"Threads:\s+(\d+)", status)[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
    )


def judged(samples, minutes, commits):
    third = minutes * 20
    middle, last = ([sample for sample in samples if third * at <= sample[0] < third * (at + 1)] for at in (1, 2))
    memory = [statistics.median(sample[1] for sample in part) for part in (middle, last)]
    slope = (memory[1] - memory[0]) / third * 3600
    descriptors = [max(sample[2] for sample in part) for part in (middle, last)]
    told = (
        f"{minutes} min, {commits} commits, {commits} keys: {samples[0][1]:.1f} MiB after {samples[0][0]:.0f} s, then {memory[0]:.2f} and {memory[1]:.2f} MiB "
        f"(medians of the second and the last third), {slope:+.1f} MiB/h; at most {descriptors[0]} and {descriptors[1]} descriptors, "
        f"{samples[-1][3]} threads, {samples[-1][4]:.0f} s of processor"
    )
    hold(slope <= 1.0 and descriptors[1] <= descriptors[0], told)
    return told


FIGURES = {"A1": soak}
