"""The music recipe's data: sides, doubles, the cache, and that its writer says what the studio's own tokens say."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sketch_cache
import sketch_data

from studio.media.music import attributes, vocabulary
from studio.media.music.midi import write_midi
from studio.media.music.quantise import Quantised
from studio.media.music.score import TICKS, Note, Score
from studio.media.music.tokens import Tell, decode, encode, words_of
from studio.media.music.tokens_grid import Window
from studio.media.music.tokens_measure import measured
from studio.worker.tune import music_cells, music_tasks
from studio.worker.tune.music_corpus import Corpus
from studio.worker.tune.music_feed import Feed, lay, questions
from studio.worker.tune.music_tasks import Manner, draw_task, draw_told
from studio.worker.tune.music_words import Words
from studio.worker.tune.music_write import Excerpt, Writer, Written, measures
from studio.worker.tune.packing import IGNORE
from tests.starters.sketch_songs import make_corpus, piece, song_of, tune


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, Words]:
    """The cache of a corpus of chance."""
    run = tmp_path_factory.mktemp("run")
    sketch_cache.prepare(make_corpus(tmp_path_factory.mktemp("corpus")), run, lambda _: None)
    return Corpus.load(run), Words.load(run)


def test_sides_are_the_corpus_own_and_tune_is_never_read(tmp_path: Path) -> None:
    found = sketch_data.read_pieces(make_corpus(tmp_path))
    assert {one.side for one in found} <= set(sketch_data.SIDES)
    assert not [one for one in found if "no.mid" in one.name]
    names = [f"set/{i}" for i in range(2000)]
    kept = [sketch_data.side_of("train", name) for name in names].count("valid")
    assert 20 < kept < 70
    assert {sketch_data.side_of("test", name) for name in names} == {"test"}


def test_versions_of_one_piece_are_kept_once_on_the_later_side(tmp_path: Path) -> None:
    found = sketch_data.read_pieces(make_corpus(tmp_path))
    kept = {one.name for one in sketch_data.without_doubles(found)}
    assert {one.name for one in found} - kept == {"openscore_lieder/1.mid"}
    higher = Score(
        tracks=tuple(
            one.with_notes(Note(n.start, n.pitch + 3, n.duration, n.velocity) for n in one.notes)
            for one in piece(5).tracks
        )
    )
    again = sketch_data.Piece("a/other", "train", write_midi(higher).data)
    kept = {one.name for one in sketch_data.without_doubles([*found, again])}
    assert len({"a/other", "openscore_lieder/5.mid"} & kept) == 1


def test_cache_holds_every_note(made: tuple[Corpus, Words]) -> None:
    corpus, words = made
    assert len(corpus.names) == 17
    assert corpus.note_pitch.min() >= 40
    total = sum(song_of(str(name)).note_count for name in corpus.names)
    assert len(corpus.note_pitch) == total == corpus.notes_from[-1]
    assert corpus.tokens.max() < words.sampled


def windowed(corpus: Corpus, excerpt: Excerpt, grid: Quantised) -> Window:
    """The studio's own window of an excerpt."""
    first = int(corpus.tracks_from[excerpt.piece])
    return grid.window(excerpt.first, excerpt.count, [track - first for track in excerpt.tracks])


def with_bar_chords(window: Window) -> Window:
    """One chord a bar."""
    bars = tuple(
        type(bar)(
            bar.start,
            bar.length,
            bar.beats,
            bar.unit,
            bar.tempo,
            bar.key,
            ((0, music_cells.bar_chord(bar)),),
        )
        for bar in window.bars
    )
    return Window(bars, window.tracks)


def test_sequences_are_the_studios_own(made: tuple[Corpus, Words]) -> None:
    corpus, words = made
    writer, manner = Writer(corpus, words), Manner(swapped=0.0, levels=0.4)
    chance = np.random.default_rng(0)
    seen = {"kept": 0, "chords": 0, "cells": 0, "length": 0}
    for number in range(150):
        row = number % len(corpus.names)
        data = write_midi(song_of(str(corpus.names[row]))).data
        grid = sketch_data.read_grid(sketch_data.Piece("x", "train", data))
        feed = Feed(corpus, words, 512, 0, int(corpus.sides[row]), manner)
        first = int(chance.integers(0, 6))
        tracks = feed.tracks(chance, row)
        excerpt = feed.excerpt(chance, row, first, int(chance.integers(1, 7)), tracks)
        if excerpt is None:
            continue
        task, told = draw_task(chance, corpus, excerpt, manner), draw_told(chance, manner)
        window = windowed(corpus, excerpt, grid)
        window = with_bar_chords(window) if told.chords == "bar" else window
        fills = [(int(track), int(bar)) for track, bar in np.argwhere(task.fills)]
        per_bar = [window.bar_notes(track) for track in range(len(tracks))]
        kept = [
            (track, sum(map(len, per_bar[track][:bar])) + int(at))
            for (track, bar), mask in task.kept.items()
            for at in np.flatnonzero(mask)
        ]
        higher = window.transposed(excerpt.rise)
        of_tracks, of_cells = measured(
            higher,
            fills,
            [kind for kind, is_told in zip(words.kinds, told.tracks, strict=True) if is_told],
            [kind for kind, is_told in zip(words.kinds, told.cells, strict=True) if is_told],
        )
        tell = Tell(
            tempo=told.tempo, key=told.key, chords=bool(told.chords), tracks=of_tracks, cells=of_cells
        )
        theirs, ours = encode(higher, fills, kept, tell), writer.write(excerpt, task, told)
        assert words_of(ours.ids) == words_of(theirs.ids)
        asked = [at for span in theirs.written for at in range(*span)]
        assert np.flatnonzero(ours.parts == 2).tolist() == asked
        assert ours.notes == sum(len(notes) for track, bar in fills for notes in [per_bar[track][bar]]) - len(
            kept
        )
        if told.chords and told.key and told.tempo:
            assert [one.notes for one in decode(ours.ids.tolist()).tracks] == [
                one.notes for one in higher.tracks
            ]
        seen["kept"] += bool(kept)
        seen["chords"] += bool(told.chords)
        seen["cells"] += any(told.cells)
        seen["length"] += int((ours.ids == words["LENGTH"]).any())
    assert min(seen.values()) > 3, seen


def test_measures_are_the_studios_own() -> None:
    chance = np.random.default_rng(4)
    for _ in range(50):
        notes = sorted(tune(chance, 2, 50, 3, 960))
        if not notes:
            continue
        ours = measures(
            np.array([note.start for note in notes]),
            np.array([note.pitch for note in notes]),
            np.array([note.duration for note in notes]),
            1920,
            TICKS,
        )
        theirs = attributes.measure(notes, 1920, TICKS)
        assert ours == pytest.approx([getattr(theirs, kind) for kind in vocabulary.KINDS])
    assert measures(np.zeros(0), np.zeros(0), np.zeros(0), 10) == (0.0,)


def test_feed_draws_the_same_again_and_fills_its_windows(made: tuple[Corpus, Words]) -> None:
    corpus, words = made
    feed = Feed(corpus, words, 512, 7)
    first = feed.take(6)
    assert first.shape == (6, 3, 512)
    second = feed.take(2)
    again = Feed(corpus, words, 512, 7)
    again.taken = 6
    assert np.array_equal(again.take(2), second)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(Feed(corpus, words, 512, 8).take(1)[0], first[0])
    assert (first[:, 0] > 0).mean() > 0.7
    counted = first[:, 1] != IGNORE
    assert 0.2 < counted.mean() < 0.9
    assert first[:, 1].max() < words.sampled
    assert (first[:, 0] < words.size).all()


def test_targets_are_what_comes_next_within_a_sequence() -> None:
    one = Written(np.array([5, 6, 7, 8], np.uint16), np.array([0, 1, 0, 2], np.uint8), 1)
    two = Written(np.array([9, 1], np.uint16), np.array([0, 2], np.uint8), 1)
    window = lay([one, one, two], [True, False, True], 9)
    assert window[0].tolist() == [5, 6, 7, 5, 6, 7, 9, 0, 0]
    assert window[1].tolist() == [6, IGNORE, 8, IGNORE, IGNORE, 8, 1, IGNORE, IGNORE]
    assert window[2].tolist() == [0, 0, 0, 1, 1, 1, 2, 3, 3]


def test_infills_ask_for_at_most_half_and_continuations_for_the_end() -> None:
    chance = np.random.default_rng(1)
    for _ in range(300):
        tracks, bars = int(chance.integers(1, 5)), int(chance.integers(1, 20))
        fills = music_tasks.infill(chance, tracks, bars)
        assert 1 <= fills.sum() <= max(tracks, tracks * bars / 2)
        last = music_tasks.going_on(chance, tracks, bars)
        rows = last[last.any(1)]
        assert len(rows) and (np.diff(rows.astype(int), axis=1) >= 0).all() and rows[:, -1].all()
        assert (music_tasks.added(chance, tracks, bars).sum(1) == bars).sum() == 1


def test_transposed_and_exchanged_instruments_stay_at_ease(made: tuple[Corpus, Words]) -> None:
    corpus, words = made
    feed = Feed(corpus, words, 512, 0, manner=Manner(swapped=1.0))
    chance, rises, programs = np.random.default_rng(2), set(), set()
    for _ in range(200):
        row = int(chance.choice(feed.rows))
        tracks = feed.tracks(chance, row)
        excerpt = feed.excerpt(chance, row, 2, 4, tracks)
        if excerpt is None:
            continue
        rises.add(excerpt.rise)
        for track, program in zip(excerpt.tracks, excerpt.programs, strict=True):
            programs.add(program)
            notes, _ = corpus.notes(corpus.cells(track, 2, 4))
            pitches = corpus.note_pitch[notes].astype(int)
            if len(pitches):
                low, high = corpus.ranges[program]
                own_low, own_high = corpus.ranges[corpus.track_program[track]]
                assert pitches.min() + excerpt.rise >= min(low, own_low, pitches.min())
                assert pitches.max() + excerpt.rise <= max(high, own_high, pitches.max())
    assert len(rises) > 8 and min(rises) < 0 < max(rises) and len(programs) > 30


def test_the_tune_is_what_the_others_are_added_to(made: tuple[Corpus, Words]) -> None:
    corpus, _ = made
    tracks = tuple(range(2))
    excerpt = Excerpt(0, 0, 8, tracks, (52, 0))
    task = draw_task(np.random.default_rng(0), corpus, excerpt, Manner(shares={"harmonise": 1.0}))
    assert task.fills.tolist() == [[False] * 8, [True] * 8]


def test_questions_are_one_a_piece_and_tell_nothing_of_the_harmony(made: tuple[Corpus, Words]) -> None:
    corpus, words = made
    for kind in ("continue", "infill"):
        found = questions(corpus, words, 2, 512, kind)
        assert len(found) == 4
        for one in found:
            told = {words.description["tokens"][token].split("_")[0] for token in one.ids.tolist()}
            assert len(one.ids) <= 513 and one.notes > 0
            assert {"PIECE", "FILLS", "WRITE"} <= told and not told & {"Density", "Register"}
            assert not [t for t in one.ids.tolist() if words["Chord_C"] <= t < words["Chord_N"]]
        same = questions(corpus, words, 2, 512, kind)
        assert all(np.array_equal(a.ids, b.ids) for a, b in zip(found, same, strict=True))


def test_numpy_is_all_that_feeding_needs(made: tuple[Corpus, Words], tmp_path: Path) -> None:
    corpus, words = made
    corpus.save(tmp_path)
    words.save(tmp_path)
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]);"
        "from studio.worker.tune.music_feed import Feed; from studio.worker.tune.music_corpus import Corpus;"
        "from studio.worker.tune.music_words import Words;"
        "run = pathlib.Path(sys.argv[2]);"
        "print(Feed(Corpus.load(run), Words.load(run), 512, 0).take(2).shape);"
        "assert not {'torch', 'msgspec', 'symusic'} & set(sys.modules)"
    )
    folder = Path(music_tasks.__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "(2, 3, 512)", done.stderr
