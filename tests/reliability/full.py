#!/usr/bin/env python3
"""The figures of assets/reliability.md in their full size. Fails on a miss.

    python3 tests/reliability/full.py [--size full|quick|N] [--seed N] [FIGURE ...]
"""

import argparse
import importlib.util
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Each of these has FIGURES: the figure's name, and what measures it and raises on a miss.
PARTS = [HERE / "full_terminal.py", HERE.parent / "reliability_store" / "full_store.py"]


def parts():
    for path in PARTS:
        if path.exists():
            spec = importlib.util.spec_from_file_location(path.stem, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            yield module


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="full")
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("figures", nargs="*")
    options = parser.parse_args()
    missed = 0
    for module in parts():
        for name, measure in module.FIGURES.items():
            if options.figures and name not in options.figures:
                continue
            try:
                print(f"{name}: {measure(options)}", flush=True)
            except Exception as error:  # a miss, or what kept it from being measured
                missed += 1
                print(f"{name}: MISSED: {error}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
