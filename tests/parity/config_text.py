"""`.kittify/config.yaml`: ordinary bindings in many spellings, and hostile ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from dice import Dice, number_text

PROVIDERS = {
    "jira": 46,
    "linear": 18,
    "github": 7,
    "gitlab": 5,
    "azure_devops": 2,
    "azure": 2,
    "azure-devops": 2,
    "beads": 4,
    "fp": 3,
    "Jira": 2,
    "JIRA": 1,
    "Linear": 1,
    "jira-cloud": 1,
    "foo|bar": 0.5,
    "ΣΑΣ": 0.3,
    "İssues": 0.3,
    "Jira\u212a": 0.2,
}
WORKSPACES = {
    "acme.atlassian.net": 30,
    "acme": 15,
    "ACME": 5,
    "team-x": 10,
    "acme/widgets": 6,
    "https://acme.atlassian.net": 4,
    "Widgets & Co": 3,
    "a|b": 1,
    "123": 2,
    "Bücher": 2,
    "日本語": 1,
    "true": 1,
    "ÅNGSTRÖM ΣΑΣ": 1,
    "  padded  ": 1,
    "emoji 😀": 1,
    "it's": 1,
    'say "hi"': 1,
    "back\\slash": 1,
    "nul-free\u200b": 0.5,
}
MODES = {
    None: 30,
    "external_authoritative": 30,
    "spec_kitty_authoritative": 15,
    "split_ownership": 15,
    "split": 4,
    "  spaced  ": 1,
    "": 1,
    "Ünusual": 1,
}
OWNER_FIELDS = ["title", "body", "status", "priority", "labels", "assignees", "custom field", "ключ", "", " "]
OWNERS = ["external", "local", "shared", "LOCAL", "bogus", " padded ", "", "é"]
UUIDS = {
    "550e8400-e29b-41d4-a716-446655440000": 12,
    "00000000-0000-0000-0000-000000000000": 1,
    "7b0e1c1e-9d2b-4c8e-8f55-0c2c4bd3a9e1": 4,
    None: 3,
}
SLUGS = {"demo": 10, "acme-widgets": 8, "Über projekt": 1, "": 1, " spaced ": 1, "quote\"and'both": 1, "\u2028": 0.3, None: 3}

# YAML source of one scalar (or small node) whose Python value is not the text one sees.
SCALARS = r"""
true True TRUE tRue false yes No on off y null Null ~ nUll '' "" 123 0123 0o17 0x1F 0b101 1_000 +5 -0 1.0 1.50 1e3 1.e3
.5 5. 1E+3 .inf -.INF .nan 1e400 12:30:45 190:20:30 2001-12-14 2001-12-14T21:59:43.10-05:00 2001-12-14T21:59:43Z 2001-1-1
2001-12-14t21:59:43 !!str !!bool !foo &a [a] {a:b} [] {} 'it''s' "a\u00e9\x41\U0001F600" = 0.1.2 0o8 infinity nan 1_0.5 ._5
99999999999999999999999 1e16 1e15 1e-4 1e-5 -1.5e-07 "\t" "line\nbreak" é 日本 a#b http://x/y a:b x\y "\"" "\e" "\_" "\N" "\0"
-1 -.5 +.5 1__0 0x 0b2 08 0_8 +0x1F -0b11 1e 1e+ e1 .e1 1.2.3 <<x -x ?x :x -- --- 0.0 -0.0 100000000000000000000.0 123456789012345680.0
""".split() + [
    "' '",
    "2001-12-14 21:59:43.10 -5",
    "2001-12-15 2:59:43.10",
    "2001-12-14 21:59:43 +05:30",
    "2026-03-10 12:00:00.1234567",
    "!!str 123",
    "!!str true",
    "!!int '7'",
    "!!int 0x1F",
    "!!float 3",
    "!!float '1e3'",
    "!!bool yes",
    "!!null ''",
    "!foo bar",
    "!foo {a: 1}",
    "!!binary aGVsbG8=",
    "!!binary '//8='",
    "!!timestamp 2001-12-14",
    "!!set {a, b}",
    "!!omap [a: 1]",
    "&a x",
    "&a true",
    "&a 5",
    "&a 1.5",
    "&a 'q'",
    "! x",
    "!<tag:yaml.org,2002:str> 5",
    "[1, 'b', null, 1.5, true]",
    "{a: b, 'c': [1, {d: ~}]}",
    "[2001-12-14, 1e3, \"it's\"]",
    "['é', \"\\u200b\", '\"']",
    "a b",
    "a  b",
    "a #b",
    "'a: b'",
    "'# no comment'",
    "- x",
    "a\n    b",
    "'a\n\n    b'",
    "\"a\\\n    b\"",
    "|\n    multi\n    line",
    "|-\n    multi\n    line",
    ">\n    folded\n    text",
    ">-\n    folded\n\n    text",
    "|+\n    keep\n\n",
    "|2-\n      x",
    '"\\ud83d\\ude00"',
    '"\\ud800"',
    "=",
    "<<",
]

# Whole lines that make ruamel refuse the file.
FATAL_LINES = [
    "dup: 1\ndup: 2\n",
    "n: {a: {x: 1, x: 2}}\n",
    "n: {1: a, 1.0: b}\n",
    "n: {~: a, null: b}\n",
    "a: *missing\n",
    "a:\tb\n",
    "\tx: 1\n",
    "a: b\t# c\n",
    "b: [1, 2\n",
    "c: {a: 1\n",
    "d: 'open\n",
    'e: "\\q"\n',
    "---\nx: 1\n",
    "...\nx\n",
    "x: 2001-13-45\n",
    "x: 2026-02-30\n",
    "x: !!int abc\n",
    "x: !!float abc\n",
    "x: @y\n",
    "x: `y\n",
    "- a\n",
    "x: y: z\n",
    "x: %y\n",
    "no colon\n",
    "x: 'a' b\n",
    "x: [a]]\n",
    "x: \u0007\n",
    "x: \x7f\n",
    "x: \0\n",
    "x: \ufffe\n",
    "# \u2028\n",
    "x: " + "[" * 1500 + "]" * 1500 + "\n",
    "x: " + "9" * 4301 + "\n",
    "<<: {a: 1}\n<<: {b: 2}\n",
    "<<: 5\n",
    "<<: [1]\n",
    "x: 2001-12-14T25:00:00\n",
]
# Whole lines that look wrong and are not, or that must not matter.
HARMLESS_LINES = [
    "x: &a [1]\ny: *a\n",
    "? complex\n: v\n",
    "? [a, b]\n: v\n",
    "z: |\n  text\n   more\n",
    "z: >-\n  folded\n  text\n",
    'z: "multi\n  line"\n',
    "x: {a: 1, b: [c, {d: e}]}\n",
    "'quoted key': 1\n",
    "1: one\n2.5: two\ntrue: three\n",
    "? |\n  block key\n: - seq\n",
    "x: !unknown {a: b}\n",
    "- not: here\n".replace("- not", "not"),
    "<<: {a: 1}\n",
    "base: &base {p: 1}\nderived:\n  <<: *base\n  q: 2\n",
    "several:\n  <<: [{a: 1}, {a: 2, b: 3}]\n",
    "x: " + "[" * 30 + "]" * 30 + "\n",
    "x: " + "9" * 4300 + "\n",
    "x:\n- a\n-\n  - b\n- c: d\n  e: f\n",
    "x: 'a''b'   # comment\n",
    "x:    \n\n\n",
    "# ünïcode comment\n",
    "x: a,b]c}\n",
    "x: [a, b, ]\n",
    "x: {a, b: , c: 1}\n",
    "x: \"\\/\"\n",
    "x: \u0085\n",
    "url: http://example.org:80/#frag\n",
]
ORDINARY_LINES = [
    "vcs:\n  type: git\n",
    "agents:\n  available:\n    - claude\n    - codex\n  auto_commit: true\n",
    "# written by spec-kitty\n",
    "version: 2.1.0\n",
    "created_at: 2026-03-10T12:00:00Z\n",
    "merge:\n  strategy: squash\n",
    "sync:\n  batch_size: 100\n",
]
# What spec-kitty 3.0.1 and later write beside the binding; 3.0.0 does not look at it.
NEWER_KEYS: list[tuple[str, object]] = [
    ("binding_ref", "srm_01"),
    ("project_slug", "widgets"),
    ("display_label", "Acme Widgets"),
    ("egress", "permitted"),
    ("ownership", [("mode", "split_ownership")]),
]
ROOTS = [
    "",
    "# only a comment\n",
    "null\n",
    "[]\n",
    "0\n",
    "text\n",
    "- tracker\n",
    "tracker:\n",
    "tracker: []\n",
    "tracker: text\n",
    "tracker: !!set {provider, workspace}\n",
    "Tracker:\n  provider: jira\n  workspace: acme\n",
    "tracker:\n  workspace: acme\n",
    "tracker:\n  provider: jira\n",
    "tracker:\n  provider: ''\n  workspace: acme\n",
    "tracker:\n  provider: jira\n  workspace: '  '\n",
    "tracker:\n  Provider: jira\n  workspace: acme\n",
]
YAML_MARKS = ":-#'\"{}[]&*!|>%@`,?\t\n \\=~<a0."


@dataclass
class Binding:
    """What the generator means the file to say."""

    provider: str
    workspace: str
    mode: str | None
    owners: dict[str, str]
    uuid: str | None
    slug: str | None
    raw: dict[str, str] = field(default_factory=dict)


def binding(dice: Dice) -> Binding:
    owners = {}
    if dice.chance(0.45):
        owners = {dice.pick(OWNER_FIELDS): dice.pick(OWNERS) for _ in range(dice.randrange(1, 5))}
    return Binding(
        provider=dice.pick(PROVIDERS),
        workspace=dice.pick(WORKSPACES),
        mode=dice.pick(MODES),
        owners=owners,
        uuid=dice.pick(UUIDS),
        slug=dice.pick(SLUGS),
    )


def config_bytes(dice: Dice, meant: Binding, notes: list[str]) -> bytes:
    """The file for `meant`; three files in ten are hostile."""
    hostile = dice.chance(0.3)
    if not hostile:
        return dressed(dice, document(dice, meant), notes)
    kind = dice.pick({"scalar": 8, "harmless": 6, "merge": 4, "edit": 4, "fatal": 3, "bytes": 2, "directive": 2, "root": 1.5})
    notes.append(f"config {kind}")
    return HOSTILE[kind](dice, meant, notes)


def quoted(dice: Dice, text: str, flow: bool = False) -> str:
    """`text` as a scalar that reads back as that text."""
    plain = re.fullmatch(r"[A-Za-zÀ-ÿ日本語][\w ./@&-]*[\wÀ-ÿ]", text) is not None
    reserved = text.lower() in {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
    if plain and not reserved and dice.chance(0.75):
        return text
    if dice.chance(0.5) and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escape = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escape.get(c) or (escaped(dice, c) if not 32 <= ord(c) < 127 else c) for c in text) + '"'


def escaped(dice: Dice, char: str) -> str:
    code = ord(char)
    if char.isprintable() and dice.chance(0.5):
        return char
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def pairs(dice: Dice, meant: Binding) -> tuple[list[tuple[str, object]], list[tuple[str, object]]]:
    """The `tracker` and `project` sections as (key, source text or nested pairs)."""

    def source(key: str, text: str) -> str:
        return meant.raw.get(key) or quoted(dice, text)

    doctrine: list[tuple[str, object]] = []
    if meant.mode is not None or "mode" in meant.raw:
        doctrine.append(("mode", source("mode", meant.mode or "")))
    owners: list[tuple[str, object]] = [(quoted(dice, key), quoted(dice, value)) for key, value in meant.owners.items()]
    if "owner" in meant.raw:
        owners.append(("status_x", meant.raw["owner"]))
    if "owner_key" in meant.raw:
        owners.append((meant.raw["owner_key"], "local"))
    if owners:
        doctrine.append(("field_owners", owners))
    tracker: list[tuple[str, object]] = [
        ("provider", source("provider", meant.provider)),
        ("workspace", source("workspace", meant.workspace)),
    ]
    if doctrine:
        tracker.append(("doctrine", doctrine))
    if dice.chance(0.04):
        tracker += dice.sample(NEWER_KEYS, 2)
    project: list[tuple[str, object]] = []
    for key, text in (("uuid", meant.uuid), ("slug", meant.slug)):
        if text is not None or key in meant.raw:
            project.append((key, source(key, text or "")))
    if dice.chance(0.15):
        dice.shuffle(tracker)
    return tracker, project


def block(entries: list[tuple[str, object]], indent: int, step: int) -> str:
    lines = []
    for key, value in entries:
        if isinstance(value, list):
            lines.append(" " * indent + f"{key}:\n" + block(value, indent + step, step))
        else:
            lines.append(" " * indent + f"{key}: {value}\n")
    return "".join(lines)


def flow(entries: list[tuple[str, object]]) -> str:
    return "{" + ", ".join(f"{k}: {flow(v) if isinstance(v, list) else v}" for k, v in entries) + "}"


def document(dice: Dice, meant: Binding) -> str:
    tracker, project = pairs(dice, meant)
    sections = []
    for name, entries in (("tracker", tracker), ("project", project)):
        if not entries:
            continue
        key = dice.pick({name: 9, f'"{name}"': 1})
        if dice.chance(0.12) and "raw" not in meant.raw:
            sections.append(f"{key}: {flow(entries)}\n")
        else:
            step = dice.pick({2: 8, 4: 2, 1: 0.5})
            sections.append(f"{key}:\n" + block(entries, step, step))
    sections += [dice.pick(ORDINARY_LINES) for _ in range(dice.pick([0, 0, 1, 2]))]
    sections = list(dict.fromkeys(sections))
    dice.shuffle(sections)
    return "".join(sections)


def dressed(dice: Dice, text: str, notes: list[str]) -> bytes:
    """The spelling of the file as a whole: markers, newlines, byte order mark."""
    dress = dice.pick({"": 80, "---\n": 6, "crlf": 5, "bom": 3, "cr": 1, "...": 2, "no newline": 3})
    if not dress:
        return text.encode()
    notes.append(f"config dressed {dress.strip()}")
    if dress == "---\n":
        text = dress + text
    elif dress == "crlf":
        text = text.replace("\n", "\r\n")
    elif dress == "cr":
        text = text.replace("\n", "\r")
    elif dress == "bom":
        text = "\ufeff" + text
    elif dress == "...":
        text += "...\n"
    else:
        text = text.rstrip("\n")
    return text.encode()


def with_scalar(dice: Dice, meant: Binding, notes: list[str]) -> bytes:
    spot = dice.pick({"slug": 8, "uuid": 6, "owner": 6, "owner_key": 3, "mode": 3, "workspace": 2, "provider": 1})
    scalar = dice.pick(SCALARS) if dice.chance(0.7) else number_text(dice)
    notes.append(f"{spot}: {scalar}")
    meant.raw[spot] = scalar
    return document(dice, meant).encode()


def with_line(lines: list[str]) -> Callable[[Dice, Binding, list[str]], bytes]:
    def build(dice: Dice, meant: Binding, notes: list[str]) -> bytes:
        line = dice.pick(lines)
        notes.append(line[:40])
        text = document(dice, meant)
        return (line + text if dice.chance(0.3) else text + line).encode()

    return build


def with_merge(dice: Dice, meant: Binding, _notes: list[str]) -> bytes:
    """The binding, or its field owners, reached through merge keys and aliases."""
    tracker, project = pairs(dice, meant)
    identity = "project:\n" + block(project, 2, 2) if project else ""
    shape = dice.pick(["binding", "owners", "list", "alias"])
    if shape == "binding":
        kept = [entry for entry in tracker if dice.chance(0.5)]
        return (identity + f"base: &base {flow(tracker)}\ntracker:\n  <<: *base\n" + block(kept, 2, 2)).encode()
    if shape == "alias":
        return (identity + f"shared: &t\n{block(tracker, 2, 2)}tracker: *t\n").encode()
    head = [entry for entry in tracker if entry[0] != "doctrine"]
    extra = "title: one, status: two, x: three"
    if shape == "owners":
        owners = f"    field_owners: {{body: ext, <<: {{{extra}}}, title: y}}\n"
        return (identity + "tracker:\n" + block(head, 2, 2) + "  doctrine:\n    mode: split_ownership\n" + owners).encode()
    owners = f"    field_owners:\n      status: own\n      <<: [*one, {{x: 1, z: 2}}]\n      a: b\n"
    text = f"one: &one {{{extra}}}\n" + identity + "tracker:\n" + block(head, 2, 2) + "  doctrine:\n" + owners
    return text.encode()


def with_edit(dice: Dice, meant: Binding, _notes: list[str]) -> bytes:
    return dice.mutate(document(dice, meant), YAML_MARKS).encode()


def with_bytes(dice: Dice, meant: Binding, notes: list[str]) -> bytes:
    text = document(dice, meant)
    kind = dice.pick(["latin-1", "utf-16", "cut", "two marks", "surrogate", "empty"])
    notes.append(kind)
    if kind == "latin-1":
        return text.encode() + b"# caf\xe9\n"
    if kind == "utf-16":
        return text.encode("utf-16")
    if kind == "cut":
        return text.encode()[: dice.randrange(len(text))]
    if kind == "two marks":
        return b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode()
    if kind == "surrogate":
        return text.encode() + b"# \xed\xa0\x80\n"
    return b""


def with_directive(dice: Dice, meant: Binding, notes: list[str]) -> bytes:
    directive = dice.pick(["%YAML 1.1", "%YAML 1.1", "%YAML 1.2", "%YAML 1.3", "%YAML 2.0", "%FOO bar", "%TAG ! tag:x,2026:"])
    notes.append(directive)
    if dice.chance(0.6):
        meant.raw["slug"] = dice.pick(["yes", "017", "0o17", "1:30", "off", "1_000", "0b11", "y", "1:30.5", "!x y"])
    return f"{directive}\n---\n{document(dice, meant)}".encode()


def with_root(dice: Dice, _meant: Binding, _notes: list[str]) -> bytes:
    return dice.pick(ROOTS).encode()


HOSTILE = {
    "scalar": with_scalar,
    "harmless": with_line(HARMLESS_LINES),
    "fatal": with_line(FATAL_LINES),
    "merge": with_merge,
    "edit": with_edit,
    "bytes": with_bytes,
    "directive": with_directive,
    "root": with_root,
}
