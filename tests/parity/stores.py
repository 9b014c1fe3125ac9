"""`trackers/<scope>.db`, made by the real SQLite: journal modes, schemas, cells and wrecks."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import issues
from dice import Dice

SIDECARS = ("", "-wal", "-shm", "-journal")
ISSUES = """CREATE TABLE tracker_issues (
    identity TEXT PRIMARY KEY, system TEXT NOT NULL, workspace TEXT NOT NULL,
    issue_id TEXT NOT NULL, payload TEXT NOT NULL, updated_at TEXT)"""
CHECKPOINTS = "CREATE TABLE tracker_checkpoints (checkpoint_key TEXT PRIMARY KEY, cursor TEXT, updated_since TEXT)"
MAPPINGS = """CREATE TABLE tracker_mappings (
    wp_id TEXT NOT NULL, system TEXT NOT NULL, workspace TEXT NOT NULL, external_id TEXT NOT NULL,
    external_key TEXT, external_url TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    PRIMARY KEY (wp_id, system), UNIQUE (system, workspace, external_id))"""
# The same columns without types, keys or constraints: any value keeps its own type, twins and nulls are possible.
LOOSE = {
    "tracker_issues": "CREATE TABLE tracker_issues (identity, system, workspace, issue_id, payload, updated_at)",
    "tracker_checkpoints": "CREATE TABLE tracker_checkpoints (checkpoint_key, cursor, updated_since)",
    "tracker_mappings": "CREATE TABLE tracker_mappings "
    "(wp_id, system, workspace, external_id, external_key, external_url, created_at, updated_at)",
}
SCHEMA = {"tracker_issues": ISSUES, "tracker_checkpoints": CHECKPOINTS, "tracker_mappings": MAPPINGS}
OTHER_SCHEMAS = [
    ("tracker_issues", "CREATE TABLE tracker_issues (id TEXT PRIMARY KEY, body TEXT)"),
    ("tracker_issues", "CREATE TABLE tracker_issues (identity TEXT, system TEXT)"),
    ("tracker_mappings", "CREATE TABLE tracker_mappings (wp_id TEXT, system TEXT)"),
    ("tracker_checkpoints", "CREATE TABLE tracker_checkpoints (key TEXT, cursor TEXT)"),
    ("tracker_checkpoints", "CREATE TABLE tracker_checkpoints (checkpoint_key TEXT, cursor TEXT)"),
]
CELLS = [5, 0, -1, 1.0, 1e16, 1.5e-7, float("inf"), b"x", b"\xff\x00", b"it's", "", " ", "a\x00b", "ключ", "\u200b", 2**62, None]
CURSORS = [None, None, "100", "Ch0jU3RyaW5n", "", "None", 5, 1.0, b"x", "курсор", "a|b"]
TIMES = ["2026-03-10T12:00:00+00:00", "2026-03-01T08:30:00.123456+00:00", "2026-03-10", "2026-03-10T12:00:00.000+0000", None]


class Undecodable(bytes):
    """Bytes to be stored as TEXT though they are no UTF-8."""


BAD_TEXT = [Undecodable(b"caf\xe9"), Undecodable(b"\xff"), Undecodable(b"\xed\xa0\x80"), Undecodable(b"\xc0\x80")]


class Store:
    """One database under construction."""

    def __init__(self, dice: Dice, notes: list[str], system: str, workspace: str, raw_key: str) -> None:
        self.dice = dice
        self.notes = notes
        self.system = system
        self.workspace = workspace
        self.raw_key = raw_key
        self.loose = dice.chance(0.05)
        self.statements: list[tuple[str, tuple[Any, ...]]] = []
        if self.loose:
            notes.append("store without types and keys")

    def insert(self, table: str, values: list[Any]) -> None:
        marks = ", ".join("CAST(? AS TEXT)" if isinstance(value, Undecodable) else "?" for value in values)
        plain = tuple(bytes(value) if isinstance(value, Undecodable) else value for value in values)
        self.statements.append((f"INSERT OR IGNORE INTO {table} VALUES ({marks})", plain))

    def add_issues(self) -> None:
        dice = self.dice
        count = dice.pick({0: 8, 1: 20, 2: 20, 3: 15, 5: 10, 8: 3, 14: 1})
        odd = dice.chance(0.4)
        bad = dice.chance(0.24)
        victim = dice.randrange(max(count, 1))
        for number in range(1, count + 1):
            system = self.system if dice.chance(0.93) else dice.pick(["jira", "linear", "Jira", self.raw_key, "github"])
            value = issues.payload(dice, system, self.workspace, dice.pick([number, number, number * 7]))
            if odd and dice.chance(0.6):
                issues.harmlessly_odd(dice, value, self.notes)
            spoil = bad and number - 1 == victim
            if spoil and dice.chance(0.45):
                issues.dangerously_odd(dice, value, self.notes)
                spoil = False
            text = issues.encoded(dice, value)
            self.insert("tracker_issues", self.issue_row(system, number, issues.respelled(dice, text, self.notes) if spoil else text))
        if self.loose or dice.chance(0.03):
            self.add_strange_issues()

    def issue_row(self, system: str, number: int, text: str) -> list[Any]:
        identity = f"{system}:{self.workspace}:{10000 + number}"
        identity = self.dice.pick({identity: 9, str(number): 2, f"é{number}": 0.3, f"\U00010000{number}": 0.3, f"\uffff{number}": 0.3})
        return [identity, system, self.workspace, str(number), text, "2026-03-10T12:00:00+00:00"]

    def add_strange_issues(self) -> None:
        """Identities of every type, twins, and now and then a payload that is no text."""
        dice = self.dice
        self.notes.append("strange issue rows")
        for identity in dice.sample([None, None, "", "10", "2", "B", "a", b"blob", 5, 1.5, Undecodable(b"\xff"), "a"], 4):
            text = issues.encoded(dice, issues.payload(dice, self.system, self.workspace, dice.randrange(9)))
            self.insert("tracker_issues", [identity, self.system, "w", "1", text, dice.pick(CELLS)])
        other = dice.pick([b"jira", "Jira", "other", self.system.encode()])
        self.insert("tracker_issues", ["zz", other, "w", "1", "not json", None])
        if dice.chance(0.35):
            value = dice.pick([5, 1.5, None, b'{"ref":{}}', b"", *BAD_TEXT])
            self.notes.append(f"payload cell {value!r}")
            self.insert("tracker_issues", ["zzz", self.system, "w", "1", value, None])

    def add_mappings(self) -> None:
        dice = self.dice
        for number in range(dice.pick({0: 40, 1: 20, 2: 20, 3: 10, 5: 5})):
            system = dice.pick({self.system: 9, "Jira": 1, "linear": 1})
            row: list[Any] = [f"WP{dice.pick([number, number + 9]):02}", system, self.workspace, str(10000 + number)]
            row += [dice.pick([None, f"ACME-{number}", ""]), dice.pick([None, "https://x.example/é"]), "2026-03-10T12:00:00+00:00", ""]
            if dice.chance(0.08) or self.loose:
                row[dice.randrange(8)] = dice.pick(CELLS)
                self.notes.append("odd mapping cell")
            if dice.chance(0.006):
                row[dice.randrange(8)] = dice.pick(BAD_TEXT)
                self.notes.append("undecodable mapping cell")
            self.insert("tracker_mappings", row)

    def add_checkpoints(self) -> None:
        dice = self.dice
        key = f"{self.system}:{self.workspace}"
        keys = {key: 60, f"{self.raw_key}:{self.workspace}": 10, key.lower(): 5, "default": 3, None: 20}
        for name in dict.fromkeys([dice.pick(keys), dice.pick(["other:w", None])]):
            if name is None:
                continue
            since = dice.pick(TIMES) if dice.chance(0.75) else dice.pick([*issues.ODD_DATES[:-5], 5, 1.5, b"2026-03-10"])
            self.insert("tracker_checkpoints", [name, dice.pick(CURSORS), since])
        if dice.chance(0.006):
            self.notes.append("undecodable checkpoint")
            self.insert("tracker_checkpoints", [key, dice.pick(BAD_TEXT), None])

    def schema(self) -> list[str]:
        dice = self.dice
        tables = dict(LOOSE if self.loose else SCHEMA)
        if dice.chance(0.05):
            del tables[dice.pick(sorted(tables))]
            self.notes.append("store misses a table")
        if dice.chance(0.02):
            name, statement = dice.pick(OTHER_SCHEMAS)
            tables[name] = statement
            self.notes.append("store of another schema")
        return list(tables.values())

    def build(self) -> dict[str, bytes]:
        """The files by suffix."""
        dice = self.dice
        mode = dice.pick({"delete": 70, "wal": 10, "wal live": 13, "wal without shm": 3, "persist": 2, "hot journal": 1.5})
        if mode != "delete":
            self.notes.append(f"store {mode}")
        statements = [(text, ()) for text in self.schema()] + self.statements
        encoding = dice.pick({"UTF-8": 98, "UTF-16le": 1, "UTF-16be": 1})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.db"
            db = sqlite3.connect(path, isolation_level=None)
            try:
                db.execute(f"PRAGMA page_size={dice.pick([512, 512, 1024])}")
                db.execute(f"PRAGMA encoding='{encoding}'")
                if mode.startswith("wal"):
                    db.execute("PRAGMA journal_mode=WAL")
                    db.execute("PRAGMA wal_autocheckpoint=0")
                return fill(db, path, mode, statements, dice)
            finally:
                db.close()


def fill(db: sqlite3.Connection, path: Path, mode: str, statements: list[tuple[str, tuple[Any, ...]]], dice: Dice) -> dict[str, bytes]:
    """Runs the statements and takes the files in the state that `mode` names."""
    split = dice.randrange(len(statements) + 1) if mode.startswith("wal ") else len(statements)
    run(db, statements[:split])
    if mode == "persist":
        db.execute("PRAGMA journal_mode=PERSIST")
    if mode.startswith("wal "):
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        run(db, statements[split:])
        if split == len(statements):
            db.execute("CREATE TABLE IF NOT EXISTS unrelated (x)")
        files = taken(path)
        if mode == "wal without shm":
            del files["-shm"]
        return files
    if mode == "hot journal":
        return hot_journal(db, path)
    if mode == "delete":
        db.execute("VACUUM")
    if mode == "persist":
        db.execute("CREATE TABLE unrelated (x)")
    db.close()
    return taken(path)


def run(db: sqlite3.Connection, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
    for statement, values in statements:
        try:
            db.execute(statement, values)
        except sqlite3.Error:  # a row that does not fit another schema is left out
            continue


def hot_journal(db: sqlite3.Connection, path: Path) -> dict[str, bytes]:
    """A writer died inside a transaction that had already spilled pages."""
    db.execute("PRAGMA cache_size=1")
    db.execute("BEGIN IMMEDIATE")
    for table in ("tracker_issues", "tracker_mappings", "tracker_checkpoints"):
        run(db, [(f"DELETE FROM {table}", ()), (f"CREATE TABLE spill_{table} (x)", ())])
        run(db, [(f"INSERT INTO spill_{table} VALUES (zeroblob(900))", ())] * 3)
    files = taken(path)
    db.execute("ROLLBACK")
    return files


def taken(path: Path) -> dict[str, bytes]:
    found = {suffix: path.with_name(path.name + suffix) for suffix in SIDECARS}
    return {suffix: file.read_bytes() for suffix, file in found.items() if file.exists()}


def store_files(dice: Dice, notes: list[str], system: str, workspace: str, raw_provider: str) -> dict[str, bytes]:
    """A store for a binding: mostly sound, sometimes a wreck."""
    if dice.chance(0.055):
        return wreck(dice, notes, system, workspace, raw_provider)
    store = Store(dice, notes, system, workspace, raw_provider)
    store.add_issues()
    store.add_mappings()
    store.add_checkpoints()
    return store.build()


def wreck(dice: Dice, notes: list[str], system: str, workspace: str, raw_provider: str) -> dict[str, bytes]:
    kind = dice.pick({"0 bytes": 4, "garbage": 3, "cut": 3, "header": 2, "text": 1, "one page": 1})
    notes.append(f"store {kind}")
    if kind == "0 bytes":
        return {"": b""}
    if kind == "garbage":
        return {"": dice.randbytes(dice.pick([1, 100, 600, 2048]))}
    if kind == "text":
        return {"": b"This is not a database, it is a note.\n" * 30}
    store = Store(dice, notes, system, workspace, raw_provider)
    store.add_issues()
    files = store.build()
    main = files[""]
    if kind == "header":
        at = dice.randrange(0, 100)
        files[""] = main[:at] + bytes([main[at] ^ (1 << dice.randrange(8))]) + main[at + 1 :]
    elif kind == "cut":
        files[""] = main[: dice.randrange(len(main))]
    else:
        files[""] = main[:512]
    return files
