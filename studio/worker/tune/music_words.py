"""The vocabulary as the training process sees it: where each kind of token begins, read from its description.

Numpy only, as all that draws sequences: a recipe's run goes on where only torch and numpy are.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

FILE = "words.json"


@dataclass(frozen=True)
class Words:
    """The description (studio.media.music.vocabulary.description()), the levels' edges and first tokens by kind.

    The kinds stand in the order in which they are told and measured: density, polyphony, register, duration.
    """

    description: dict[str, Any]
    edges: dict[str, list[float]]
    levels: dict[str, int]

    def save(self, folder: Path) -> None:
        """Write it beside the cache."""
        text = json.dumps(asdict(self))
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Words":
        """Read it from there."""
        return cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))

    @cached_property
    def ids(self) -> dict[str, int]:
        """Tokens by name."""
        return {name: number for number, name in enumerate(self.description["tokens"])}

    def __getitem__(self, name: str) -> int:
        return self.ids[name]

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self.description["tokens"])

    @property
    def sampled(self) -> int:
        """How many of them, the first, can be sampled: the only ones that are ever targets."""
        return int(self.description["sampled"])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of levels."""
        return tuple(self.levels)

    @cached_property
    def qualities(self) -> int:
        """Chord qualities a root has."""
        return (self["Chord_N"] - self["Chord_C"]) // 12

    def turned(self, semitones: int) -> np.ndarray:
        """The token each token becomes when music is transposed: pitches, keys and chords move."""
        table = np.arange(self.size, dtype=np.uint16)
        first = self["Pitch_0"]
        table[first : first + 128] = first + np.clip(np.arange(128) + semitones, 0, 127)
        for name, end, step in (
            ("Key_C:major", "Key_N", 2),
            ("Chord_C", "Chord_N", self.qualities),
        ):
            span = np.arange(self[end] - self[name])
            table[self[name] : self[end]] = self[name] + (span + semitones * step) % len(span)
        return table
