"""Turns documents into training windows: fill-in-the-middle forms, cutting, packing, endless seeded feeds.

A *piece* is an array of n + 1 token ids: its first n are inputs, its last n the targets of those inputs.
"""

from dataclasses import dataclass, field

import numpy as np
from story_tokenizer import END, MIDDLE, PREFIX, SUFFIX
from tokenizers import Tokenizer

from studio.worker.tune.packing import IGNORE, cut, pack

FILL_SHARE = 0.12  # of the documents stand in fill-in-the-middle form
SPARE = 24  # tokens left free for the marks and the cuts of that form


def split_middle(text: str, chance: np.random.Generator) -> tuple[str, str, str]:
    """Cut a text at two random places into prefix, middle and suffix; half of the time only before spaces."""
    places = [i for i, char in enumerate(text) if char == " "] if chance.random() < 0.5 else []
    if len(places) < 2:
        places = list(range(len(text) + 1))
    first, second = sorted(int(i) for i in chance.choice(places, size=2))
    return text[:first], text[first:second], text[second:]


def fill_form(prefix: str, middle: str, suffix: str, suffix_first: bool) -> str:
    """The text of a fill-in-the-middle document, prefix first (PSM) or suffix first (SPM), with its end mark."""
    if suffix_first:
        return f"{SUFFIX}{suffix}{PREFIX}{prefix}{MIDDLE}{middle}{END}"
    return f"{PREFIX}{prefix}{SUFFIX}{suffix}{MIDDLE}{middle}{END}"


def fill_piece(tokenizer: Tokenizer, text: str, chance: np.random.Generator) -> np.ndarray:
    """A piece in fill-in-the-middle form, either layout equally often."""
    form = fill_form(*split_middle(text, chance), suffix_first=chance.random() < 0.5)
    return np.array(tokenizer.encode(form).ids, dtype=np.uint16)


def lay(pieces: list[np.ndarray], window: int) -> np.ndarray:
    """One window [3, window]: inputs, targets and the number of the piece that each place belongs to."""
    out = np.zeros((3, window), dtype=np.int64)
    out[1], out[2] = IGNORE, len(pieces)
    place = 0
    for number, piece in enumerate(pieces):
        end = place + len(piece) - 1
        out[0, place:end], out[1, place:end], out[2, place:end] = piece[:-1], piece[1:], number
        place = end
    return out


@dataclass
class Feed:
    """An endless, seeded stream of windows of one length over one pool of encoded documents."""

    tokenizer: Tokenizer
    documents: list[np.ndarray]  # token ids with the end mark at both ends
    window: int
    seed: int
    fill: float = FILL_SHARE
    epoch: int = 0
    taken: int = 0  # windows taken from this epoch
    plan: list[list[np.ndarray]] = field(default_factory=list)

    def pieces(self, chance: np.random.Generator) -> list[np.ndarray]:
        """One epoch's pieces: documents cut at fresh places, some of them in fill-in-the-middle form."""
        found: list[np.ndarray] = []
        for ids in self.documents:
            fits = len(ids) <= self.window + 1
            first = self.window if fits else int(chance.integers(self.window // 4, self.window + 1))
            for piece in cut(ids, first, self.window):
                if chance.random() < self.fill:
                    text = self.tokenizer.decode(piece[: self.window - SPARE].tolist())
                    filled = fill_piece(self.tokenizer, text, chance)
                    whole = len(text) > 1 and "\ufffd" not in text and len(filled) <= self.window + 1
                    piece = filled if whole else piece
                found.append(piece)
        return found

    def take(self, count: int) -> np.ndarray:
        """The next windows [count, 3, window]."""
        out: list[np.ndarray] = []
        while len(out) < count:
            if not self.plan:
                chance = np.random.default_rng([self.seed, self.window, self.epoch])
                pieces = self.pieces(chance)
                bins = pack([len(piece) - 1 for piece in pieces], self.window)
                self.plan = [[pieces[i] for i in bins[b]] for b in chance.permutation(len(bins))]
            if self.taken == len(self.plan):
                self.epoch, self.taken, self.plan = self.epoch + 1, 0, []
                continue
            out.append(lay(self.plan[self.taken], self.window))
            self.taken += 1
        return np.stack(out)
