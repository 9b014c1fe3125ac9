"""Issue payloads as `upsert_issue` stores them, and every way they can be odd."""

from __future__ import annotations

import json
from typing import Any

from dice import Dice, number_text

TITLES = ["Fix login", "Write the docs", "Größe prüfen", "修正", 'Quote " and \\ slash', "Tab\tand\nnewline", "emoji 😀", "x" * 80]
BODIES = [None, "", "Steps:\n1. open\n2. look", "h1. Wiki *bold*", "Ünïcode \u2028 \u0085 \x7f </script>", "a/b\\c", "\u0001\u001f"]
STATUSES = ["todo", "in_progress", "in_review", "blocked", "done", "canceled"]
TYPES = ["epic", "story", "task", "bug", "chore", "subtask"]
PEOPLE = ["ada", "grace@example.org", "Žofie", "ada", "5b10a2844c20165700ede21g"]
LABELS = ["ui", "back end", "p0", "größe", ""]
DATES = [
    None,
    "2026-03-10T12:00:00+00:00",
    "2026-03-10T12:00:00.123456+01:00",
    "2026-03-10T12:00:00.000+0000",
    "2026-03-10",
    "2026-03-10T12:00:00Z",
    "2026-03-10 09:15:30",
]
ODD_DATES = [
    "20260310",
    "2026-W10-2",
    "2026W102",
    "2026-W10",
    "2026-069",
    "2026-03",
    "2026-03-10é12:34",
    "2026-03-10T12",
    "2026-03-10T1234",
    "2026-03-10T123456,5",
    "2026-03-10T12:34.5",
    "2026-03-10T12:34:56.1234567",
    "2026-03-10T12:34:56.123456garbage+00:00",
    "2026-03-10T12:34:56 +05:30",
    "2026-03-10T12:34:56x+05:30",
    "2026-03-10T12:34:56 Z",
    "2026-03-10T12:34:56z",
    "2026-03-10T12:34:56-00:00",
    "2026-03-10T12:34:56+00:00:00.5",
    "2026-03-10T12:34:56+05:30:15.25",
    "2026-03-10T12:34:56+24:00",
    "2026-03-10T24:00:00",
    "2026-03-10T12:60",
    "2026-03-10T",
    " 2026-03-10",
    "2026-03-10 ",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31T23:59:59.999999",
    "2026-02-29",
    "2024-02-29",
    "2026-W53-1",
    "2026-W10-12",
    "٢٠٢٦-03-10",
    "",
    " ",
    "yesterday",
    5,
    1.5,
    True,
    [],
    {},
]
DATE_MARKS = "0123456789-:T ZW+.,zé"
ANY = [None, 0, 1, -1, 5, 1.0, 1e16, 1e-5, -0.0, True, False, "", " ", "x", "0", [], ["x"], {}, {"k": "v"}, [None, 1.5, "it's", '"']]
TEXTS = [*ANY, "\u001f", "\u00a0", "\u200b", "\ufeff", " spaced ", "Ⅷ", "\ud800", "\ud83d\ude00", "\x00", "a\x1bb"]
PRIORITIES = [0, 1, 2, 3, 4, 4.0, -1, 5, True, False, "3", "03", "٣", "０", "²", "①", "-1", " 3", "", "1_0", "7", [3], 10**20, "Ⅷ", "𑁒", None]


class Verbatim(str):
    """JSON source to be written as it stands."""


def payload(dice: Dice, system: str, workspace: str, number: int) -> dict[str, Any]:
    """What spec-kitty-tracker's connectors store."""
    key = f"ACME-{number}"
    ref = {"system": system or "jira", "workspace": workspace, "id": str(10000 + number), "key": key, "url": f"https://x.example/browse/{key}"}
    if dice.chance(0.3):
        ref |= {"key": None, "url": dice.pick([None, ""])}
    value: dict[str, Any] = {
        "ref": ref,
        "title": dice.pick(TITLES),
        "body": dice.pick(BODIES),
        "status": dice.pick(STATUSES),
        "issue_type": dice.pick(TYPES),
        "priority": dice.pick([None, 0, 1, 2, 3, 4]),
        "assignees": [dice.pick(PEOPLE) for _ in range(dice.randrange(3))],
        "labels": [dice.pick(LABELS) for _ in range(dice.randrange(4))],
        "parent": None,
        "links": [],
        "custom_fields": {},
        "created_at": dice.pick(DATES),
        "updated_at": date(dice),
        "raw": None,
    }
    if dice.chance(0.1):
        value["parent"] = dict(ref, id="1")
        value["links"] = [{"type": "blocks", "target": dict(ref, id="2")}]
    if dice.chance(0.15):
        value["raw"] = {"id": ref["id"], "fields": {"summary": value["title"], "n": [1, 2.5, None]}}
    return value


def date(dice: Dice) -> Any:
    if dice.chance(0.75):
        return dice.pick(DATES)
    if dice.chance(0.6):
        return dice.pick(ODD_DATES)
    return dice.mutate("2026-03-10T12:34:56.123456+05:30"[: dice.pick([10, 16, 19, 26, 32])], DATE_MARKS)


def harmlessly_odd(dice: Dice, value: dict[str, Any], notes: list[str]) -> None:
    """An oddity spec-kitty coerces: the row is still published."""
    spot = dice.pick(["body", "status", "issue_type", "title", "priority", "labels", "assignees", "ref", "unsent", "drop", "dates"])
    notes.append(f"row coerced {spot}")
    if spot == "body":
        value[spot] = Verbatim(number_text(dice)) if dice.chance(0.4) else dice.pick(ANY)
    elif spot in {"status", "issue_type"}:
        value[spot] = dice.pick([*ANY, "DONE", " done", "In Review", "Bug", "canceled", "subtask"])
    elif spot == "title":
        value[spot] = dice.pick([None, 0, "", False, [], {}, 1.0, "\u200b", ["a"], {"k": 1.5}, 1e400])
    elif spot == "priority":
        value[spot] = dice.pick([True, False, "3", "03", "٣", "０", 2.0, "-1", " 3", "", "1_0", [3], "Ⅷ"])
    elif spot in {"labels", "assignees"}:
        value[spot] = dice.pick(["ab", "", {}, {"k": "v", "l": 1}, [None, 1, True], [{"k": ["v"]}, 1e16, "x"]])
    elif spot == "ref":
        value[spot][dice.pick(["id", "workspace", "system", "key", "url"])] = dice.pick([5, True, ["x"], {"a": None}, 1.5, " padded "])
    elif spot == "unsent":
        value["raw"] = dice.pick(["\ud800", [1], "text", {"\ud800": 1}])
        value["links"] = dice.pick([None, "x", [1, {"target": 5}, {}], {}])
        value["parent"] = dice.pick([[], "ACME-1", 5])
    elif spot == "drop":
        for key in ("body", "priority", "labels", "assignees", "updated_at", "raw", "title", "status"):
            if dice.chance(0.5):
                value.pop(key, None)
    else:
        value["created_at"] = dice.pick(ODD_DATES)
        value["updated_at"] = dice.pick(ODD_DATES)


def dangerously_odd(dice: Dice, value: dict[str, Any], notes: list[str]) -> None:
    """An oddity that may abort the publish."""
    spot = dice.pick(["title", "body", "priority", "labels", "assignees", "ref", "ref part", "links", "parent", "label text"])
    notes.append(f"row odd {spot}")
    if spot in {"title", "body"}:
        value[spot] = dice.pick(TEXTS)
    elif spot == "priority":
        value[spot] = dice.pick(PRIORITIES)
    elif spot in {"labels", "assignees"}:
        value[spot] = dice.pick([*ANY, 3, ["\ud800"]])
    elif spot == "label text":
        value["labels"] = [dice.pick(TEXTS)]
    elif spot == "ref":
        if dice.chance(0.5):
            del value[spot]
        else:
            value[spot] = dice.pick(ANY)
    elif spot == "ref part":
        value["ref"][dice.pick(["id", "workspace", "system", "key", "url"])] = dice.pick(TEXTS)
    elif spot == "links":
        value[spot] = [{"target": dice.pick([{}, {"system": "j", "workspace": "w", "id": dice.pick(TEXTS)}, [], None])}]
    else:
        value[spot] = dice.pick([{}, {"system": "j", "workspace": "w", "id": dice.pick(TEXTS)}, *ANY])


def encoded(dice: Dice, value: dict[str, Any]) -> str:
    """Compact ASCII JSON as spec-kitty writes it, now and then another writer's."""
    style = dice.pick({"compact": 88, "spaced": 4, "raw": 5, "indent": 3})
    if style == "compact":
        text = json.dumps(value, separators=(",", ":"))
    elif style == "spaced":
        text = json.dumps(value)
    elif style == "raw":
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    else:
        text = "\r\n\t " + json.dumps(value, indent=1) + " \n"
    for key, source in value.items():
        if isinstance(source, Verbatim):
            text = text.replace(json.dumps(key) + ":" + json.dumps(source), json.dumps(key) + ":" + source)
            text = text.replace(json.dumps(key) + ": " + json.dumps(source), json.dumps(key) + ": " + source)
    return text


def respelled(dice: Dice, text: str, notes: list[str]) -> str:
    """The payload's text made odd or bad as JSON."""
    inner = text.strip()[:-1]
    options = {
        "duplicate key": inner + ',"title":"last wins","title":"really"}',
        "constants": inner + ',"body":NaN,"raw":[Infinity,-Infinity,1e400,-0]}',
        "infinite body": inner + ',"body":-Infinity}',
        "big int": inner + ',"body":' + "9" * dice.pick([30, 400, 4300]) + "}",
        "too big int": inner + ',"raw":' + "9" * 4301 + "}",
        "escaped keys": inner + ',"t\\u0069tle":"\\u0041\\ud83d\\ude00\\/"}',
        "float body": inner + ',"body":1E5}',
        "nested": inner + ',"raw":{"x":' + "[" * 400 + "]" * 400 + "}}",
        "too deep": inner + ',"raw":' + "[" * 3000 + "]" * 3000 + "}",
        "lone surrogate": inner + ',"body":"\\ud800"}',
        "lone surrogate unsent": inner + ',"raw":{"x":"\\udc00"}}',
        "reversed surrogates": inner + ',"body":"\\udc00\\ud800"}',
        "bom": "\ufeff" + text,
        "control": inner + ',"body":"a\x01b"}',
        "delete char": inner + ',"body":"a\x7fb"}',
        "trailing comma": inner + ",}",
        "extra data": text + "{}",
        "bad escape": inner + ',"body":"\\x41"}',
        "short escape": inner + ',"body":"\\u12"}',
        "odd escape": inner + ',"body":"\\u 123"}',
        "single quotes": "{'ref': {}}",
        "cut": text[: dice.randrange(len(text))],
        "empty": "",
        "null": "null",
        "list": "[" + text + "]",
        "number": "5",
        "leading zero": inner + ',"body":01}',
        "plus": inner + ',"body":+1}',
        "dot": inner + ',"body":1.}',
        "nan word": inner + ',"body":nan}',
        "nbsp": "\u00a0" + text,
        "form feed": "\x0c" + text,
        "nul": text + "\x00",
        "edit": dice.mutate(text, "\"\\{}[],:0-.eutn \x01é"),
    }
    survive = {"duplicate key", "constants", "infinite body", "big int", "escaped keys", "float body", "nested", "delete char", "lone surrogate unsent"}
    weights = {name: 4 if name in survive else 1 for name in options}
    weights["edit"] = 10
    kind = dice.pick(weights)
    notes.append(f"payload {kind}")
    return options[kind]
