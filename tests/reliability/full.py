#!/usr/bin/env python3
"""The figures of assets/reliability.md, in full or a stated part of it. Fails on a miss.

    python3 tests/reliability/full.py [--size full|quick|/N] [--seed N] [--spec-kitty PYTHON] [FIGURE ...]

R6 and R11 are times of a large store: `tests/scale/bench.py` takes them. Needs Linux; for R5, P4, P5 and A2 strace; for
C1 tmux, Xvfb and xclip; for R2 and P7 a venv with spec-kitty 3.0.0, which tests/parity/oracle.py makes.
"""

import argparse
import datetime
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import full_soak
import full_store
import full_terminal
from harness import ROOT, Options

# What measures a figure; it tells what it found, or raises.
FIGURES = {**full_terminal.FIGURES, **full_store.FIGURES, **full_soak.FIGURES}


def size(text):
    if text in ("full", "quick") or (text.startswith("/") and text[1:].isdigit()):
        return text
    raise argparse.ArgumentTypeError("full, quick, or /N for an Nth of full")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=size, default="full")
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--spec-kitty", metavar="PYTHON", default=ROOT / "target/parity-venv/bin/python")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"of {' '.join(FIGURES)}")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.figures if name not in FIGURES]:
        parser.error(f"no such figure: {', '.join(unknown)}")
    options = Options(chosen.size, chosen.seed, chosen.spec_kitty)
    options.build()
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, size {options.size}, seed {options.seed}", flush=True)
    missed = 0
    for name in chosen.figures or FIGURES:
        start = time.monotonic()
        try:
            told = FIGURES[name](options)
        except Exception as error:  # a miss, or what kept it from being measured
            missed += 1
            told = f"MISSED: {error}"
        # A test tells the figure's name, too.
        told = told.replace(f"{name}: ", "")
        print(f"{name}: {told} [{time.monotonic() - start:.0f} s]", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
