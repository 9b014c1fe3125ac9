"""Makes config.yaml files and records what spec-kitty 3.0.0 with ruamel.yaml reads in each, as JSON lines.

    PYTHON yaml_truth.py --seed S --count N --out FILE        PYTHON of a venv made by tests/parity/oracle.py

Half of the files are those of tests/parity, ordinary and hostile; the other half are put together from parts of YAML.
"""

import argparse
import base64
import json
import pathlib
import sys
import tempfile
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "parity"))
import config_text
from dice import Dice

KEYS = ["tracker", "provider", "workspace", "doctrine", "mode", "field_owners", "project", "uuid", "slug", "title", "x"]
PLAIN = ["jira", "acme", "a b", "yes", "no", "~", "null", "true", "12", "0x1f", "1e3", "2001-01-01", ".inf", "a:b", "a#b", "-a",
         "?a", "a, b", "é", "日本", "<<", "=", "a: b", "- a", "[a", "{a", "a]", "%a", "@a", "`a", "&a", "*a", "!a", "|", ">", "'a", '"a']


def scalar(dice):
    text = dice.pick(PLAIN)
    return dice.pick([
        text, text, text,
        "'" + text.replace("'", "''") + "'",
        json.dumps(text),
        json.dumps(text, ensure_ascii=False),
        "!!str " + text,
        "&a " + text,
        "*a",
        "# " + text,
        "",
        '"\\' + dice.pick(list("abefnrtv0xuUNLP_ /\\\"q\n")) + '41"',
    ])


def node(dice, depth, indent):
    """One value, from the column behind its key on."""
    kind = dice.pick({"scalar": 6, "below": 2, "map": 4 if depth else 0, "list": 1 if depth else 0, "flow": 1, "block": 1})
    pad = " " * indent
    if kind == "scalar":
        return " " + scalar(dice) + "\n"
    if kind == "below":
        apart = ["", "", "\n", pad + "  # c\n"]
        return dice.pick([" # c", "", " &a"]) + "\n" + dice.pick(apart) + pad + "  " + scalar(dice) + "\n" + dice.pick(apart)
    if kind == "map":
        step = dice.pick({2: 8, 1: 1, 4: 2, 0: 0.3})
        return "\n" + "".join(f"{pad}{' ' * step}{dice.pick(KEYS)}:{node(dice, depth - 1, indent + step)}" for _ in range(dice.randrange(1, 5)))
    if kind == "list":
        return "\n" + "".join(f"{pad}-{node(dice, depth - 1, indent + 2)}" for _ in range(dice.randrange(1, 4)))
    if kind == "flow":
        inner = ", ".join(dice.pick([scalar(dice), f"{dice.pick(KEYS)}: {scalar(dice)}"]) for _ in range(dice.randrange(4)))
        return dice.pick([" {%s}\n", " [%s]\n", " {%s\n", " {%s,}\n", "\n  {%s}\n"]) % inner
    head = dice.pick(["|", ">", "|-", ">-", "|+", ">+", "|2", ">1-", "| # c"])
    lines = [dice.pick(["jira", "acme ", " more", "", "é", "# no comment", "\ttab"]) for _ in range(dice.randrange(4))]
    return f" {head}\n" + "".join(f"{pad}  {line}\n" for line in lines)


def assembled(dice):
    text = dice.pick({"": 8, "---\n": 2, "%YAML 1.1\n---\n": 0.5, "\ufeff": 0.5, "# c\n": 1})
    text += "tracker:\n"
    for key, value in (("provider", "jira"), ("workspace", "acme")):
        text += f"  {key}:" + (node(dice, 1, 2) if dice.chance(0.3) else f" {value}\n")
    if dice.chance(0.6):
        text += "  doctrine:" + node(dice, 2, 2)
    if dice.chance(0.6):
        text += dice.pick(["project", "x", "tracker"]) + ":" + node(dice, 2, 0)
    if dice.chance(0.1):
        text += dice.pick(["...\n", "---\n", "--- a\n", "}\n", "\t\n", "  x: y\n"])
    if dice.chance(0.15):
        text = dice.mutate(text, " \t\n:#-[]{},&*!|>'\"%@`?aé\u2028\u0085\ufeff\x01")
    return text.encode("utf-8", "surrogatepass")


def shown(text):
    """Text for JSON; with a lone surrogate its code points."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return [ord(char) for char in text]
    except AttributeError:
        pass
    return text


def read(root):
    """What spec-kitty takes out of the file, or None where it fails."""
    from specify_cli.tracker.config import load_tracker_config
    from specify_cli.tracker.service import TrackerService

    config = load_tracker_config(root)
    identity = TrackerService(root)._project_identity()
    return {
        "provider": shown(config.provider),
        "workspace": shown(config.workspace),
        "doctrine_mode": shown(config.doctrine_mode),
        "doctrine_field_owners": [[shown(field), shown(owner)] for field, owner in config.doctrine_field_owners.items()],
        "uuid": shown(identity.get("uuid")),
        "slug": shown(identity.get("slug")),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    accepted = 0
    with tempfile.TemporaryDirectory() as folder, options.out.open("w", encoding="utf-8") as out:
        root = pathlib.Path(folder)
        path = root / ".kittify" / "config.yaml"
        path.parent.mkdir()
        for index in range(options.count):
            dice = Dice(f"{options.seed}/{index}")
            content = assembled(dice) if index % 2 else config_text.config_bytes(dice, config_text.binding(dice), [])
            path.write_bytes(content)
            try:
                value = read(root)
                json.dumps(value).encode()
            except Exception:
                value = None
            accepted += value is not None
            line = {"in": base64.b64encode(content).decode(), "read": value}
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    print(f"{options.count} files, seed {options.seed}: {accepted} read, {options.count - accepted} rejected")


if __name__ == "__main__":
    main()
