"""What a training of text or music is made of: the rows that are trained on, the documents that are weighed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.catalog.card import ModelCard
from studio.core.files import told
from studio.core.tuning import SOFT, TuneSettings
from studio.media.dataset.found import Side
from studio.media.dataset.prepare import texts
from studio.worker.text.tokens import TextTokens
from studio.worker.tune.music_cells import words_here
from studio.worker.tune.music_rows import MusicRows, held_rows, music_replay, read_pieces
from studio.worker.tune.packing import Row
from studio.worker.tune.replay import FOLDER, text_replay
from studio.worker.tune.run import Run
from studio.worker.tune.text_ids import document_ids, marks_of
from studio.worker.tune.text_rows import Form, Mixed, Rows, TextRows, document_rows
from studio.worker.tune.token_store import TokenStore

HELD_TOKENS = 65_536  # of the validation side are weighed each time, where it has more
_AT_ONCE = 64  # texts tokenised together


@dataclass(frozen=True)
class Material:
    """`first` are tokens that learnt ones may begin as; `held` rows of the validation side by document."""

    rows: Rows
    held: Mapping[str, Sequence[Row]]
    first: tuple[int, ...]


def window_of(settings: TuneSettings, card: ModelCard) -> int:
    """Tokens of a row: what is asked for, within the context, less what learnt tokens take of it."""
    asked = settings.text.window if settings.art == "text" else settings.music.window
    taken = settings.adapter.virtual_tokens if settings.method in SOFT else 0
    context = card.context_tokens or asked
    return max(2, min(asked or context, context - taken))


def text_material(run: Run, card: ModelCard, tokens: TextTokens, base: Any, packing: bool) -> Material:
    """Of a run's texts (see media.dataset.prepare); `base` writes what is replayed. Raises StudioError, OSError."""
    settings, window = run.settings, window_of(run.settings, card)
    form = Form(
        window=window,
        packing=packing,
        word_dropout=settings.text.word_dropout,
        fill=marks_of(tokens),
        fill_share=settings.text.fill,
    )
    store = text_store(run, tokens, "train")
    rows: Rows = TextRows(store, form, settings.seed)
    replayed = text_replay(run, Path(card.path), base, tokens)
    if replayed is not None:
        rows = Mixed(rows, TextRows(replayed, form, settings.seed + 1), settings.data.replay)
    held = document_rows(text_store(run, tokens, "validation"), window, HELD_TOKENS)
    return Material(rows, held, tuple(store.ids[: settings.adapter.virtual_tokens].tolist()))


def text_store(run: Run, tokens: TextTokens, side: Side) -> TokenStore:
    """A side's documents as tokens; made once."""
    kept = TokenStore.kept(run.folder.data, side)
    if kept is not None:
        return kept
    with told("write the run's data", "Your folder was not changed."):
        return TokenStore.write(run.folder.data, side, _encoded(run, tokens, side))


def _encoded(run: Run, tokens: TextTokens, side: Side) -> Iterator[tuple[str, np.ndarray]]:
    total = max(1, len(run.survey.on(side)))
    done: set[str] = set()
    for row in texts(run.folder.data, side):
        run.check()
        if len(done) % _AT_ONCE == 0 and row.file not in done:
            run.phase("caching", min(1.0, len(done) / total), row.file)
        done.add(row.file)
        yield row.file, document_ids(tokens, row.text)


def music_material(run: Run, card: ModelCard, base: Any, packing: bool) -> Material:
    """Of a run's pieces. Raises StudioError, OSError."""
    del base
    settings, window = run.settings, window_of(run.settings, card)
    corpus = read_pieces(run)
    rows: Rows = MusicRows.over(corpus, settings.music, window, settings.seed)
    replayed = music_replay(run, Path(card.path) / FOLDER)
    if replayed is not None:
        other = MusicRows.over(replayed, settings.music, window, settings.seed + 1)
        rows = Mixed(rows, other, settings.data.replay)
    held = held_rows(corpus, words_here(), "validation", window, most_tokens=HELD_TOKENS)
    return Material(rows if packing else Alone(rows), held, tuple(rows.row(0).inputs[:1024].tolist()))


@dataclass(frozen=True)
class Alone:
    """Rows of one sequence each: the first of every packed one."""

    rows: Rows

    def row(self, number: int) -> Row:
        """The row of that number."""
        return self.rows.row(number).alone()[0]


def documents_of(run: Run, card: ModelCard, side: Side, tokens: TextTokens | None) -> dict[str, list[Row]]:
    """All rows that a side's documents are weighed by, for reports; `tokens` of a text model."""
    window = window_of(run.settings, card)
    if tokens is None:
        return held_rows(read_pieces(run), words_here(), side, window, rounds=4)
    return document_rows(text_store(run, tokens, side), window)
