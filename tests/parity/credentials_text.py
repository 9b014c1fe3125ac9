"""`~/.spec-kitty/credentials`: what `bind` and `auth login` write, and what hands and accidents make of it."""

from __future__ import annotations

import json

from dice import Dice, number_text

PROJECT_KEYS = {"ACME": 12, "WID": 4, "BETA": 3, "acme": 1, "10000": 1, " ACME ": 1, "": 1, "   ": 1, "\u200b": 0.5, "Ключ": 0.5}
TEAM_IDS = {"9cfb482a-81e3-4154-b5b9-2c805e70a02d": 8, "ENG": 2, "": 0.5, "\u00a0": 0.5}
# TOML source of a value that is not a plain string, or is an odd one.
VALUES = r"""
123 0 0x1F 0o17 0b11 1_000 +5 -0 1.0 1e3 1e16 1e15 1e-4 1e-5 0.1 1e22 1e400 -0.0 inf -inf nan +nan true false
1979-05-27T07:32:00Z 1979-05-27T00:32:00-07:00 1979-05-27T00:32:00.999999999 1979-05-27 07:32:00 07:32:00.5 [] {} ["ACME"]
99999999999999999999999 "\u200b" "\u00a0" "\u001f" "\ufeff" "\U0001F600" "a\tb" 'C:\path' "\"" '"' '''A'B'''
""".split() + [
    "1979-05-27 07:32:00",
    '["a", 1, 1.5, true]',
    '{a = "b", c = {d=1}}',
    '["it\'s", \'"\', "\\u00a0", "é", "\\u007f"]',
    "[1979-05-27, 07:32:00.5, 1979-05-27T07:32:00Z]",
    '[\n  "a", # comment\n  "b",\n]',
    '"tab\traw"',
    '"""AC"ME"""',
    '"""\nACME"""',
    '"""A\\\n   B"""',
    "'''A\nB'''",
    '"""A\r\nB"""',
    "9" * 4300,
    "[" * 30 + "]" * 30,
]
FATAL_VALUES = [
    r'"a\e"',
    r'"C:\xampp"',
    r'"\ud800"',
    "ACME",
    "07:32",
    '"unterminated',
    "{a=1,}",
    "{a=1\n}",
    "1__0",
    "01",
    ".5",
    "5.",
    '"a\x7f"',
    '"a\x01"',
    "9" * 4301,
    "",
    "= 1",
    "'it''s'",
    '"a" "b"',
    "1979-02-30",
    "1979-05-27T25:00:00Z",
    "0x",
    "True",
    "null",
    '"""open',
    "[1, 2",
    "[" * 1500 + "]" * 1500,
]
SHAPES = [
    '[[tracker.providers.{p}]]\nproject_key = "A"\nteam_id = "T"\n',
    "[tracker]\nproviders = \"x\"\n",
    "tracker = 1\n",
    '[tracker.providers]\n"{p}" = "x"\n',
    '[providers.{p}]\nproject_key = "A"\nteam_id = "T"\n',
    '[tracker.{p}]\nproject_key = "A"\nteam_id = "T"\n',
    "[tracker.providers]\n",
    '[tokens]\naccess = "eyJ"\nrefresh = "R1"\naccess_expires_at = "2026-03-10T12:00:00+00:00"\n\n[user]\nusername = "ada"\n',
    "",
    "  \n\t",
    "\x1c\x1f",
    "# nothing here\n",
    "\x00",
    "\x0c",
]
FATAL_TAILS = [
    'project_key = "A"\nproject_key = "B"\n',
    "[tracker.providers.jira]\n[tracker.providers.jira]\n",
    "a.b = 1\na = 2\n",
    "[x]\ny = {}\n[x.y.z]\n",
    "[[x]]\n[x]\n",
    "[x]\n[[x]]\n",
    "[tracker\n",
    "no value\n",
    "\u00fcmlaut = 1\n",
    "[ ]\n",
    "x = 1 y = 2\n",
    "x = 1 # \x01\n",
    '"""k""" = 1\n',
]
HARMLESS_TAILS = [
    "[x]\n[[x.y]]\nz = 1\n[[x.y]]\nz = 2\n",
    "[a.b.c]\n[a]\nd = 1\n",
    '"quoted key" = 1\n\'literal\' = 2\n',
    "[server]\nurl = 'https://spec-kitty-dev.fly.dev'\n",
    "3.14 = 'dotted'\n",
    '"" = "empty key"\n',
    "x = 1 # comment é\n",
    "[ spaced . table ]\nk = 1\n",
    "a = { b.c = 1, d = [ {}, {} ] }\n",
]
SESSION = """[tokens]
access = "eyJhbGciOi"
refresh = "R1"
access_expires_at = "2026-03-10T12:15:00+00:00"

[user]
username = "ada"

[server]
url = "https://spec-kitty-dev.fly.dev"

"""
TOML_MARKS = "=[]{}\"'#.,\n\t \\-_:0a+é"


def table(dice: Dice, provider: str) -> dict[str, str]:
    """The provider's keys with their TOML source, as `tracker bind` stores them."""
    values: dict[str, str] = {}
    name = provider.strip().lower()
    if name == "linear":
        values["api_key"] = "lin_api_x"
        values["team_id"] = dice.pick(TEAM_IDS)
    elif name in {"github", "gitlab"}:
        values |= {"owner": "acme", "repo": "widgets", "token": "ghp_sample"}
    elif name.startswith("azure"):
        values |= {"organization": "acme", "project": "widgets", "pat": "p"}
    else:
        values |= {"base_url": "https://acme.atlassian.net", "email": "ada@example.org", "api_token": "t"}
        values["project_key"] = dice.pick(PROJECT_KEYS)
    optional = {
        "server_url": ["https://jira.example.org/", "", "  "],
        "base_url": ["https://acme.atlassian.net/", "https://ACME.Atlassian.net", ""],
        "username": ["ada", "Ada ", ""],
        "email": [" A@b.com ", "ada@example.org"],
        "team_slug": ["widgets", "Widgets|x", ""],
        "access_token": ["tok", " tok ", "", "  ", "t\u00f6k"],
        "token": ["ghp_other", " ghp ", ""],
        "project": ["WID"],
        "projectKey": ["ACME"],
    }
    for key, options in optional.items():
        if dice.chance(0.06):
            values[key] = dice.pick(options)
    for key in list(values):
        if dice.chance(0.04):
            del values[key]
    return {key: string(dice, value) for key, value in values.items()}


def string(dice: Dice, value: str) -> str:
    if "'" not in value and value.isprintable() and dice.chance(0.15):
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=dice.chance(0.5)) if value.isascii() else f'"{value}"'


def rendered(dice: Dice, provider: str, values: dict[str, str]) -> str:
    bare = provider.replace("-", "").replace("_", "").isalnum() and provider.isascii()
    key = provider if bare and dice.chance(0.9) else json.dumps(provider, ensure_ascii=False)
    form = dice.pick({"table": 85, "dotted": 5, "inline": 5, "under": 5})
    if form == "inline":
        inner = ", ".join(f"{name} = {value}" for name, value in values.items())
        return f"[tracker.providers]\n{key} = {{{inner}}}\n"
    if form == "dotted":
        return "".join(f"tracker.providers.{key}.{name} = {value}\n" for name, value in values.items())
    body = "".join(f"{name} = {value}\n" for name, value in values.items())
    if form == "under":
        return f'[tracker]\n[tracker.providers]\n[ tracker . "providers" . {key} ]\n{body}'
    return f"[tracker.providers.{key}]\n{body}"


def document(dice: Dice, provider: str, values: dict[str, str]) -> str:
    text = rendered(dice, provider, values)
    if dice.chance(0.25) and not text.startswith("tracker."):
        text = SESSION + text
    other = dice.pick(["linear", "github", "jira", "beads"])
    if dice.chance(0.25) and other != provider and not text.startswith("[tracker.providers]\n"):
        text += f'\n[tracker.providers.{other}]\nproject_key = "OTHER"\nteam_id = "OTHER"\n'
    return text


def credentials_bytes(dice: Dice, provider: str, notes: list[str]) -> bytes | None:
    """The file for the config's `provider`, or None: no file."""
    looked_up = provider.strip()
    values = table(dice, looked_up)
    if dice.chance(0.06):
        notes.append("credentials absent")
        return None
    if dice.chance(0.04):
        notes.append("credentials under another spelling")
        looked_up = dice.pick([looked_up.upper(), looked_up.lower(), looked_up + "x", "azure_devops"])
    if not dice.chance(0.28):
        return document(dice, looked_up, values).encode()
    kinds = {"value": 9, "shape": 3, "harmless": 3, "bytes": 3, "edit": 3, "fatal value": 2, "fatal": 1.5}
    kind = dice.pick(kinds)
    notes.append(f"credentials {kind}")
    return hostile(dice, kind, looked_up, values, notes)


def hostile(dice: Dice, kind: str, provider: str, values: dict[str, str], notes: list[str]) -> bytes:
    if kind in {"value", "fatal value"}:
        route = "team_id" if provider.lower() == "linear" else "project_key"
        spots = {route: 8, "base_url": 2, "email": 1, "team_slug": 1, "access_token": 2, "token": 1}
        spot = dice.pick(spots)
        if kind == "fatal value":
            values[spot] = dice.pick(FATAL_VALUES)
        else:
            values[spot] = dice.pick(VALUES) if dice.chance(0.75) else number_text(dice)
        notes.append(f"{spot} = {values[spot][:40]}")
        return document(dice, provider, values).encode()
    if kind == "shape":
        shape = dice.pick(SHAPES)
        notes.append(shape[:40])
        return shape.replace("{p}", provider if provider.isalnum() and provider.isascii() else "jira").encode()
    text = document(dice, provider, values)
    if kind in {"fatal", "harmless"}:
        tail = dice.pick(FATAL_TAILS if kind == "fatal" else HARMLESS_TAILS)
        notes.append(tail[:40])
        return (tail + text if dice.chance(0.3) else text + tail).encode()
    if kind == "edit":
        return dice.mutate(text, TOML_MARKS).encode()
    spelling = dice.pick(["crlf", "crlf", "cr", "bom", "latin-1", "utf-16", "cut", "no newline"])
    notes.append(spelling)
    return spelled(dice, spelling, text)


def spelled(dice: Dice, spelling: str, text: str) -> bytes:
    if spelling == "crlf":
        return text.replace("\n", "\r\n").encode()
    if spelling == "cr":
        return text.replace("\n", "\r").encode()
    if spelling == "bom":
        return b"\xef\xbb\xbf" + text.encode()
    if spelling == "latin-1":
        return text.encode() + b"# caf\xe9\n"
    if spelling == "utf-16":
        return text.encode("utf-16")
    if spelling == "cut":
        return text.encode()[: dice.randrange(1, len(text))]
    return text.rstrip("\n").encode()
