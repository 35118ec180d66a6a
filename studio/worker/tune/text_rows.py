"""Training rows of text: documents cut at fresh places in every pass, packed, shuffled; row N depends on N alone.

So a run resumes exactly: nothing is remembered but how many rows were taken. Numpy only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from studio.worker.tune.packing import Row, cut_points, lay, pack
from studio.worker.tune.token_store import TokenStore

_T = TypeVar("_T")
_LEAST_FILLED = 16  # tokens a piece must have to be worth a middle
_CUT, _NOISE, _FORM = 1, 2, 3  # what a random stream is for


class Rows(Protocol):
    """Rows by number."""

    def row(self, number: int) -> Row:
        """The same row for the same number, whatever was asked for before."""


@dataclass(frozen=True)
class Marks:
    """The tokens a model that fills in knows; `opens` (none, or one) stands before everything it reads."""

    prefix: int
    suffix: int
    middle: int
    end: int
    opens: tuple[int, ...] = ()


@dataclass(frozen=True)
class Form:
    """How text is put. `fill_share` of the pieces stand in fill-in-the-middle form where the model knows it."""

    window: int  # inputs of a row
    packing: bool = True
    word_dropout: float = 0.0
    fill: Marks | None = None
    fill_share: float = 0.0


@dataclass
class TextRows:
    """An endless, seeded stream of rows over one store of documents."""

    store: TokenStore
    form: Form
    seed: int = 0
    _before: list[int] = field(default_factory=lambda: [0])  # rows of all passes before each one
    _plan: tuple[int, list[list[tuple[int, int]]]] = (
        -1,
        [],
    )  # a pass and its rows, each of spans of the store

    def row(self, number: int) -> Row:
        """The row of that number; any number, in any order. Raises ValueError when there is nothing to train on."""
        turn = 0
        while True:
            if turn + 1 < len(self._before):
                if number < self._before[turn + 1]:
                    break
            else:
                count = len(self.plan(turn))
                if not count:
                    raise ValueError("no document has two tokens")
                self._before.append(self._before[-1] + count)
                continue
            turn += 1
        spans = self.plan(turn)[number - self._before[turn]]
        chance = np.random.default_rng([self.seed, _FORM, number])
        row = lay([self._formed(self.store.ids[start:end], chance) for start, end in spans])
        return dropped(row, self.form.word_dropout, np.random.default_rng([self.seed, _NOISE, number]))

    def plan(self, turn: int) -> list[list[tuple[int, int]]]:
        """The rows of one pass over all documents, each of spans in the store."""
        if self._plan[0] != turn:
            self._plan = (turn, self._planned(np.random.default_rng([self.seed, _CUT, turn])))
        return self._plan[1]

    def _planned(self, chance: np.random.Generator) -> list[list[tuple[int, int]]]:
        window, spans = self.form.window, []
        for number in range(len(self.store)):
            begin, end = int(self.store.starts[number]), int(self.store.starts[number + 1])
            length = end - begin
            fits = length <= window + 1
            first = window if fits else int(chance.integers(max(1, window // 4), window + 1))
            spans += [(begin + a, begin + b) for a, b in cut_points(length, first, window)]
        if not self.form.packing:
            return [[spans[index]] for index in chance.permutation(len(spans)).tolist()]
        rows = pack([b - a - 1 for a, b in spans], window)
        return [[spans[index] for index in rows[row]] for row in chance.permutation(len(rows)).tolist()]

    def _formed(self, piece: np.ndarray, chance: np.random.Generator) -> np.ndarray:
        """A piece, at times in fill-in-the-middle form (where it does not grow beyond its room)."""
        marks = self.form.fill
        if marks is None or len(piece) < _LEAST_FILLED or chance.random() >= self.form.fill_share:
            return piece
        return filled(piece, marks, chance)


def filled(piece: np.ndarray, marks: Marks, chance: np.random.Generator) -> np.ndarray:
    """A piece with its middle told last, prefix first or suffix first (arXiv 2207.14255); never longer than it was.

    Marks of a document's beginning and end are taken out; what the form adds is taken off the end.
    """
    text = piece[~np.isin(piece, [marks.end, *marks.opens])]
    text = text[: len(piece) - 4 - len(marks.opens)]
    first, second = sorted(int(i) for i in chance.integers(0, len(text) + 1, 2))
    before, inside, after = text[:first], text[first:second], text[second:]
    ends = ([marks.middle], inside, [marks.end])
    if chance.random() < 0.5:
        parts = (marks.opens, [marks.suffix], after, [marks.prefix], before, *ends)
    else:
        parts = (marks.opens, [marks.prefix], before, [marks.suffix], after, *ends)
    return np.concatenate([np.asarray(part, piece.dtype) for part in parts])


def dropped(row: Row, share: float, chance: np.random.Generator) -> Row:
    """The row with a share of its inputs replaced by other tokens of the same row; targets stay.

    Unigram noising (arXiv 1703.02573): the model has to lean on more than the last word.
    """
    if share <= 0.0:
        return row
    lost = chance.random(len(row)) < share
    lost[np.cumsum((0, *row.segments[:-1]))] = False  # what opens a document stays
    other = row.inputs[chance.integers(0, len(row), len(row))]
    return Row(np.where(lost, other, row.inputs), row.targets, row.segments)


@dataclass(frozen=True)
class Mixed:
    """Rows of one stream with a share of rows of another among them, evenly."""

    main: Rows
    other: Rows
    share: float

    def row(self, number: int) -> Row:
        """The row of that number."""
        before, through = int(number * self.share), int((number + 1) * self.share)
        return self.other.row(before) if through > before else self.main.row(number - before)


def document_rows(store: TokenStore, window: int, most_tokens: int = 0) -> dict[str, list[Row]]:
    """The rows that each document is weighed by: one piece a row, cut at every `window` inputs, always the same.

    `most_tokens`: of a large side, pieces spread evenly over all documents are taken (0: all); each document that can
    be weighed keeps at least one.
    """
    found: dict[str, list[Row]] = {}
    for number, file in enumerate(store.files):
        ids = store[number]
        found.setdefault(file, []).extend(lay([ids[a:b]]) for a, b in cut_points(len(ids), window, window))
    found = {file: rows for file, rows in found.items() if rows}
    total = sum(len(row) for rows in found.values() for row in rows)
    if not most_tokens or total <= most_tokens:
        return found
    share = most_tokens / total
    spread = {file: _spread(rows, max(1, round(len(rows) * share))) for file, rows in found.items()}
    if sum(len(row) for rows in spread.values() for row in rows) <= 2 * most_tokens:
        return spread
    files = sorted(spread)  # very many short documents: some of them, evenly by name
    return {file: spread[file] for file in _spread(files, max(1, round(len(files) * share)))}


def _spread(values: Sequence[_T], count: int) -> list[_T]:
    """So many of some values, evenly."""
    return [values[int((index + 0.5) * len(values) / count)] for index in range(min(count, len(values)))]
