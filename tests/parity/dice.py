"""Seeded choices: every world is a function of its seed and its index."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice(random.Random):
    """`random.Random` with the three throws the generator needs."""

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, options: Sequence[T] | Mapping[T, float]) -> T:
        """One of a sequence, or one key of a mapping by its weight."""
        if isinstance(options, Mapping):
            return self.choices(list(options), weights=list(options.values()))[0]
        return options[self.randrange(len(options))]

    def mutate(self, text: str, alphabet: str) -> str:
        """One or two single-character edits, the new characters taken from `alphabet`."""
        for _ in range(1 if self.chance(0.7) else 2):
            at = self.randrange(len(text) + 1)
            edit = self.pick({"insert": 5, "replace": 3, "delete": 3, "repeat": 1})
            new = self.pick(alphabet)
            rest = text[at + 1 :]
            if edit == "insert":
                text = text[:at] + new + text[at:]
            elif edit == "replace":
                text = text[:at] + new + rest
            elif edit == "delete":
                text = text[:at] + rest
            else:
                text = text[:at] + text[at : at + 1] * 2 + rest
        return text


def number_text(dice: Dice) -> str:
    """A number as people, serialisers and accidents spell it."""
    digits = str(dice.randrange(10 ** dice.randrange(1, 25)))
    exponent = dice.randrange(-25, 25)
    return dice.pick(
        [
            digits,
            "-" + digits,
            f"{digits}.{dice.randrange(1000)}",
            f"{digits}e{exponent}",
            f"-{digits[:4]}.{dice.randrange(10**9)}e{exponent}",
            f"0.{'0' * dice.randrange(8)}{digits[:17]}",
            f"{dice.random()!r}",
            f"{dice.random() * 10.0**exponent!r}",
            f"{digits[:1]}.0",
        ]
    )
