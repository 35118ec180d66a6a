"""Training rows of music: the person's pieces, asked for as the pane asks, in the mix the starter learnt from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from studio.core.errors import StudioError
from studio.core.tuning import MusicSettings
from studio.media.dataset.found import SIDES, Side
from studio.media.dataset.prepare import check
from studio.media.music.midi import read_midi
from studio.worker.tune.music_cells import arrays_of, grid_of, joined, words_here
from studio.worker.tune.music_corpus import FILE, Corpus
from studio.worker.tune.music_feed import Feed, asked, targets_of
from studio.worker.tune.music_tasks import SHARES, Manner
from studio.worker.tune.music_words import Words
from studio.worker.tune.music_write import Written
from studio.worker.tune.packing import Row
from studio.worker.tune.run import Run

_TRIES = 20
_INFILLS = ("infill", "vary")


def shares_of(infill: float) -> Mapping[str, float]:
    """The mix of tasks with so large a share of infilling; within it and without it as the starter's."""
    inside = sum(SHARES[kind] for kind in _INFILLS)
    return MappingProxyType(
        {
            kind: share * (infill / inside if kind in _INFILLS else (1 - infill) / (1 - inside))
            for kind, share in SHARES.items()
        }
    )


def manner_of(settings: MusicSettings) -> Manner:
    """How tasks are drawn for these settings."""
    return Manner(shares=shares_of(settings.infill), rise=settings.transpose, tempo=settings.tempo)


def read_pieces(run: Run) -> Corpus:
    """All pieces of a run on the model's grid; kept in the run's data. Raises StudioError, OSError."""
    folder = run.folder.data / "music"
    if (folder / FILE).is_file():
        return Corpus.load(folder)
    folder.mkdir(parents=True, exist_ok=True)
    parts, names, sides = [], [], []
    documents = run.survey.documents
    for number, document in enumerate(documents):
        run.check()
        run.phase("caching", number / len(documents), document.file)
        part = _read(check(run.survey, document), document.file)
        if len(part["track_program"]):
            parts.append(part)
            names.append(document.file)
            sides.append(SIDES.index(document.side))
    if 0 not in sides:
        raise StudioError(
            "None of the pieces to train on has any notes.",
            do="Choose a folder of MIDI files.",
            code="no_data",
        )
    corpus = joined(parts, names, sides)
    corpus.save(folder)
    return corpus


def music_replay(run: Run, folder: Path) -> Corpus | None:
    """The MIDI files beside a base that it is to remember; None, and a word, where there are none."""
    if run.settings.data.replay <= 0.0:
        return None
    files = sorted([*folder.glob("*.mid"), *folder.glob("*.midi")]) if folder.is_dir() else []
    parts = [part for file in files if len((part := _read(file, file.name))["track_program"])]
    if not parts:
        run.note("The base model has nothing to replay; the training goes on without it.", code="no_replay")
        return None
    return joined(parts, [str(number) for number in range(len(parts))], [0] * len(parts))


def _read(file: Path, name: str) -> dict[str, np.ndarray]:
    return arrays_of(grid_of(read_midi(file.read_bytes(), name).score), drums=True)


@dataclass(frozen=True)
class MusicRows:
    """An endless, seeded stream of rows; row N depends on N alone."""

    feed: Feed

    @classmethod
    def over(
        cls, corpus: Corpus, settings: MusicSettings, window: int, seed: int, side: Side = "train"
    ) -> "MusicRows":
        """Over one side of a run's pieces, in rows of at most `window` tokens."""
        return cls(Feed(corpus, words_here(), window, seed, SIDES.index(side), manner_of(settings)))

    def row(self, number: int) -> Row:
        """The row of that number. Raises StudioError ("no_data") where no bar of any piece fits a row."""
        for attempt in range(_TRIES):
            chance = np.random.default_rng([self.feed.seed, self.feed.window, number, attempt])
            pieces, context = self.feed.drawn(chance)
            if pieces:
                return laid(pieces, context)
        raise StudioError(
            f"No bar of these pieces fits into a row of {self.feed.window} tokens.",
            do="Choose a larger window.",
            code="no_data",
        )


def laid(pieces: list[Written], context: list[bool]) -> Row:
    """One row of some sequences; `context`: whether the notes that are given count in each as well."""
    return Row(
        np.concatenate([piece.ids[:-1] for piece in pieces]).astype(np.int64),
        np.concatenate([targets_of(*pair) for pair in zip(pieces, context, strict=True)]),
        tuple(len(piece.ids) - 1 for piece in pieces),
    )


def held_rows(
    corpus: Corpus, words: Words, side: Side, window: int, *, rounds: int = 2, most_tokens: int = 0
) -> dict[str, list[Row]]:
    """The rows that each piece of a side is weighed by: `rounds` times a continuation and an infill, always the same.

    `most_tokens`: of a large side some pieces, evenly (0: all).
    """
    found: dict[str, list[Row]] = {}
    for seed in range(rounds):
        for kind in ("continue", "infill"):
            for piece, made in asked(corpus, words, SIDES.index(side), window, kind, seed):
                found.setdefault(str(corpus.names[piece]), []).append(laid([made], [False]))
    total = sum(len(row) for rows in found.values() for row in rows)
    if not most_tokens or total <= most_tokens:
        return found
    files, count = sorted(found), max(1, len(found) * most_tokens // total)
    return {
        files[int((i + 0.5) * len(files) / count)]: found[files[int((i + 0.5) * len(files) / count)]]
        for i in range(count)
    }
