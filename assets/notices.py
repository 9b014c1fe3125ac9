#!/usr/bin/env python3
"""Prints assets/THIRD-PARTY.md: every crate of Cargo.lock with its licence, and the licence texts of those in the binary.

    python3 assets/notices.py > assets/THIRD-PARTY.md

`cargo` alone is asked; the texts are those that lie in the crates. `tests/supply.rs` holds the lists against the lock file.
"""
import json
import os
import pathlib
import re
import subprocess
from collections import defaultdict

TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin"]
# Where a crate may be had under one of several licences, the first of these is taken.
PREFERRED = ["MIT", "Unlicense", "0BSD", "Zlib", "ISC", "BSD", "APACHE", ""]
NAMES = re.compile(r"^(licen[cs]e|copying|unlicense|notice|copyright)", re.IGNORECASE)


def cargo(*words):
    return subprocess.run(["cargo", *words, "--locked"], check=True, stdout=subprocess.PIPE, text=True).stdout


def in_binary():
    """Names and versions of what is linked, on any system that is supported."""
    found = set()
    for target in TARGETS:
        lines = cargo("tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--target", target)
        for line in filter(None, lines.splitlines()):
            name, version = line.split(" ")[:2]
            found.add((name, version.removeprefix("v")))
    return {crate for crate in found if crate[0] != "catseye"}


def texts(folder):
    """The licence text to repeat, and notices that must go along."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and NAMES.match(path.name))
    notices = [path for path in files if path.name.upper().startswith("NOTICE")]
    licences = [path for path in files if path not in notices]

    def rank(path):
        return next(at for at, name in enumerate(PREFERRED) if name.upper() in path.name.upper())

    chosen = sorted(licences, key=rank)[:1] + notices
    read = [path.read_text(encoding="utf-8", errors="replace") for path in chosen]
    return ["\n".join(line.rstrip() for line in text.strip().splitlines()) for text in read]


def main():
    os.chdir(pathlib.Path(__file__).parent.parent)
    packages = {
        (package["name"], package["version"]): package
        for package in json.loads(cargo("metadata", "--format-version", "1"))["packages"]
    }
    packages = {crate: package for crate, package in packages.items() if crate[0] != "catseye"}
    linked = in_binary()
    print("# Third-party notices\n")
    print("Made by `python3 assets/notices.py` from `Cargo.lock`. catseye itself is under the MIT licence (`LICENSE`).")
    print("SQLite, which rusqlite bundles, is in the public domain.\n")
    print("## In the binary\n\n| crate | version | licence |\n|---|---|---|")
    for name, version in sorted(linked):
        print(f"| {name} | {version} | {packages[name, version]['license']} |")
    print("\n## For building, testing and other systems alone\n\n| crate | version | licence |\n|---|---|---|")
    for name, version in sorted(set(packages) - linked):
        print(f"| {name} | {version} | {packages[name, version]['license']} |")
    print("\n## Licence texts of what is in the binary")
    holders, without = defaultdict(list), []
    for crate in sorted(linked):
        found = texts(pathlib.Path(packages[crate]["manifest_path"]).parent)
        for text in found:
            holders[text].append(crate[0])
        if not found:
            without.append(crate[0])
    if without:
        print(f"\nWithout a text of their own, under the licence that the table names: {', '.join(without)}.")
    for text, names in sorted(holders.items(), key=lambda item: item[1]):
        print(f"\n### {', '.join(dict.fromkeys(names))}\n\n```text\n{text}\n```")


main()
