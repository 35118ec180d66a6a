"""A language or note model before and after: test side and its base's own writing weighed, samples looked through."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.catalog.card import ModelCard
from studio.catalog.inspect import inspect_model
from studio.core.tuning import SOFT
from studio.media.dataset.found import SIDES
from studio.media.dataset.prepare import check, texts
from studio.media.learned.copied import Line, longest_notes, longest_runs, steps_of, words_of
from studio.media.music.midi import read_midi
from studio.media.music.score import Score
from studio.worker.causal.generic import load_generic
from studio.worker.room import device_here
from studio.worker.text.tokens import TextTokens, load_tokens
from studio.worker.tune.after import OWN, Compared, Weighed, held_prompts, limit_of, made_by
from studio.worker.tune.calling import Caller
from studio.worker.tune.methods import load
from studio.worker.tune.music_cells import arrays_of, grid_of, joined, words_here
from studio.worker.tune.music_corpus import Corpus
from studio.worker.tune.music_rows import held_rows, read_pieces
from studio.worker.tune.packing import Row
from studio.worker.tune.run import Run, Trained
from studio.worker.tune.samples import Made
from studio.worker.tune.text_rows import document_rows
from studio.worker.tune.token_store import TokenStore
from studio.worker.tune.weighing import DocumentLoss, weigh_documents

_MOST_TOKENS: Final = 60_000  # of the test side that are weighed, about
_GRID: Final = 40  # ticks of a step of 12 to a quarter
_PARTS: Final = (0.0, 0.2, 0.5, 0.6, 0.8, 1.0)
Rows = dict[str, list[Row]]


def compare_words(run: Run, trained: Trained, card: ModelCard) -> Compared:
    """Both models weighed on the same rows. Raises StudioError, StoppedError."""

    def tick(part: int) -> Any:
        start, end = _PARTS[part], _PARTS[part + 1]

        def told(done: float) -> None:
            run.check()
            run.phase("evaluating", start + (end - start) * done, "Comparing with the base model")

        return told

    scale = _Notes(run) if run.settings.art == "music" else _Words(run, card)
    samples = held_prompts(run) if not (run.settings.method in SOFT and run.settings.art == "music") else []
    model = _model(card)
    test = scale.test()
    before = weigh_documents(model, test, scale.caller, tick(0))
    drawn = made_by(run, card, model, samples, tick(1))
    own = scale.own(drawn[:OWN])
    own_before = weigh_documents(model, own, scale.caller)
    del model
    tuned = _tuned(trained, card)
    after = weigh_documents(tuned, test, scale.caller, tick(2))
    own_after = weigh_documents(tuned, own, scale.caller)
    made = made_by(run, card, tuned, samples, tick(3))
    tick(4)(0.0)
    return Compared(
        test=_both(before, after),
        own=_both(own_before, own_after),
        prompts=samples,
        before=drawn,
        after=made,
        longest=scale.longest(made),
        limit=limit_of(run.settings.art),
    )


def _both(before: Sequence[DocumentLoss], after: Sequence[DocumentLoss]) -> Weighed:
    return Weighed(
        before=[one.nats for one in before],
        after=[one.nats for one in after],
        units=[float(one.tokens) for one in before],
    )


def _model(card: ModelCard) -> Any:
    import torch

    return load_generic(card, device_here(), torch.float32, lambda _done: None).model


def _tuned(trained: Trained, card: ModelCard) -> Any:
    """The base with the adapter over it, or the model that was made."""
    if (trained.adapter / "config.json").is_file():
        return _model(inspect_model(trained.adapter))
    return load(_model(card), trained.adapter).eval()


class _Words:
    """Of texts."""

    def __init__(self, run: Run, card: ModelCard) -> None:
        self._run = run
        self._tokens: TextTokens = load_tokens(Path(card.path))
        self.caller = Caller(packed=False)

    def test(self) -> Rows:
        """The test side's rows, by document."""
        rows = texts(self._run.folder.data, "test")
        store = TokenStore.of((row.file, self._ids(row.text)) for row in rows)
        return document_rows(store, self._run.settings.text.window, _MOST_TOKENS)

    def own(self, made: Sequence[Made]) -> Rows:
        """Rows of what the base model wrote."""
        store = TokenStore.of((str(index), self._ids(one.text)) for index, one in enumerate(made))
        return document_rows(store, self._run.settings.text.window)

    def longest(self, made: Sequence[Made]) -> list[int]:
        """Words in a row that each sample shares with what was trained on."""
        training = [words_of(row.text) for row in texts(self._run.folder.data, "train")]
        return longest_runs([[words_of(one.text)] for one in made], training)

    def _ids(self, text: str) -> np.ndarray:
        start = [self._tokens.start] if self._tokens.start is not None else []
        return np.array([*start, *self._tokens.encode(text).ids], np.int64)


class _Notes:
    """Of pieces."""

    def __init__(self, run: Run) -> None:
        self._run, self._words = run, words_here()
        self.caller = Caller(packed=False, sampled=self._words.sampled)

    def test(self) -> Rows:
        """The test side's rows, by piece."""
        corpus, window = read_pieces(self._run), self._run.settings.music.window
        return held_rows(corpus, self._words, "test", window, most_tokens=_MOST_TOKENS)

    def own(self, made: Sequence[Made]) -> Rows:
        """Rows of what the base model wrote."""
        parts = [arrays_of(grid_of(one.score), drums=True) for one in made if one.score is not None]
        parts = [part for part in parts if len(part["track_program"])]
        if not parts:
            return {}
        names = [str(index) for index in range(len(parts))]
        corpus: Corpus = joined(parts, names, [SIDES.index("test")] * len(parts))
        return held_rows(corpus, self._words, "test", self._run.settings.music.window)

    def longest(self, made: Sequence[Made]) -> list[int]:
        """Notes in a row that each sample shares with what was trained on, in any key."""
        survey = self._run.survey
        pieces = (read_midi(check(survey, one).read_bytes(), one.file).score for one in survey.on("train"))
        training = [line for score in pieces for line in _lines(score)]
        return longest_notes([_lines(one.score) if one.score else [] for one in made], training)


def _lines(score: Score) -> list[Line]:
    return [
        steps_of(
            np.array([round(note.start / _GRID) for note in track.notes], np.int64),
            np.array([note.pitch for note in track.notes], np.int64),
        )
        for track in score.tracks
        if len(track.notes) > 1 and not track.drums
    ]
