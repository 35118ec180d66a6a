"""Rows of music: tasks in the starter's mix, drums in every key the same, tempo and key moved, pieces weighed alike."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as changed

from studio.core.errors import StudioError
from studio.core.tuning import MusicSettings
from studio.media.music import vocabulary as v
from studio.media.music.midi import write_midi
from studio.media.music.score import Note, Score, Track
from studio.media.music.tokens import Tell, decode, encode, words_of
from studio.worker.tune.music_cells import arrays_of, grid_of, joined, words_here
from studio.worker.tune.music_corpus import DRUMS, Corpus
from studio.worker.tune.music_feed import Feed
from studio.worker.tune.music_rows import MusicRows, held_rows, manner_of, read_pieces, shares_of
from studio.worker.tune.music_tasks import SHARES, Manner, draw_task, draw_tempo
from studio.worker.tune.music_write import Excerpt, Task, Told, Writer
from studio.worker.tune.packing import IGNORE
from tests.starters.sketch_songs import piece
from tests.worker.tune.training import make_run, settings_of, write_pieces


def with_drums(seed: int) -> Score:
    """A song of chance with a kit."""
    song = piece(seed, 8)
    kit = tuple(Note(beat * 480, 36 + 2 * (beat % 3), 120, 100) for beat in range(24))
    return changed(song, tracks=(*song.tracks, Track(id="9", drums=True, notes=kit)))


def corpus_of(*scores: Score, sides: tuple[int, ...] = ()) -> Corpus:
    """A corpus of some scores."""
    parts = [arrays_of(grid_of(score), drums=True) for score in scores]
    return joined(parts, [f"{i}.mid" for i in range(len(parts))], sides or (0,) * len(parts))


def test_the_share_of_infilling_is_the_persons_and_the_rest_keeps_its_mix() -> None:
    assert dict(shares_of(0.75)) == pytest.approx(dict(SHARES))
    half = shares_of(0.5)
    assert half["infill"] + half["vary"] == pytest.approx(0.5) and sum(half.values()) == pytest.approx(1)
    assert half["continue"] / half["add"] == pytest.approx(SHARES["continue"] / SHARES["add"])
    assert shares_of(0.0)["infill"] == 0.0
    manner = manner_of(MusicSettings(transpose=2, tempo=0.2))
    assert manner.rise == 2 and manner.tempo == 0.2


def test_drums_are_the_same_in_every_key_and_are_written_as_the_studio_writes_them() -> None:
    score = with_drums(3)
    corpus, grid = corpus_of(score), grid_of(score)
    assert corpus.track_program.tolist()[-1] == DRUMS
    fills = np.zeros((3, 4), bool)
    fills[2, 1] = fills[0, 2] = True
    excerpt = Excerpt(0, 0, 4, (0, 1, 2), (52, 0, DRUMS), rise=3)
    told = Told(tempo=True, key=True, chords="beat")
    ours = Writer(corpus, words_here()).write(excerpt, Task(fills), told)
    window = grid.window(0, 4, [0, 1, 2]).transposed(3)
    theirs = encode(window, [(2, 1), (0, 2)], (), Tell())
    assert words_of(ours.ids) == words_of(theirs.ids)
    drums = decode(ours.ids.tolist()).tracks[2]
    assert drums.drums and {note.pitch for note in drums.notes} <= {36, 38, 40}


def test_drums_are_never_the_tune_nor_given_another_instrument() -> None:
    corpus = corpus_of(with_drums(3))
    feed = Feed(corpus, words_here(), 1024, 0, manner=Manner(swapped=1.0, fewer=0.0))
    chance = np.random.default_rng(0)
    for _ in range(30):
        excerpt = feed.excerpt(chance, 0, 0, 4, (0, 1, 2))
        assert excerpt is not None and excerpt.programs[2] == DRUMS and excerpt.programs[0] != DRUMS
        fills = draw_task(chance, corpus, excerpt, Manner(shares={"harmonise": 1.0})).fills
        assert not fills[2].any() and fills.any()
    alone = Excerpt(0, 0, 4, (2,), (DRUMS,))
    assert draw_task(chance, corpus, alone, Manner(shares={"harmonise": 1.0})).fills.any()


def test_the_tempo_is_moved_within_its_bounds() -> None:
    corpus = corpus_of(piece(1, 8))
    writer, fills = Writer(corpus, words_here()), np.ones((2, 4), bool)
    usual = Excerpt(0, 0, 4, (0, 1), (52, 0))
    token = {
        faster: next(
            int(one)
            for one in writer.write(replace(usual, faster=faster), Task(fills), Told()).ids
            if v.TEMPO <= one < v.KEY
        )
        for faster in (0, 2, 99)
    }
    assert token[2] == token[0] + 2
    assert token[99] == v.TEMPO + len(v.TEMPOS) - 1
    chance = np.random.default_rng(0)
    moves = [draw_tempo(chance, Manner(tempo=0.1)) for _ in range(400)]
    assert set(moves) == {-1, 0, 1} and 0.2 < np.mean(np.array(moves) != 0) < 0.6
    assert draw_tempo(chance, Manner()) == 0


def test_a_row_depends_on_its_number_alone_and_scores_only_what_can_be_sampled() -> None:
    corpus = corpus_of(piece(1, 12), piece(2, 12))
    rows = [MusicRows.over(corpus, MusicSettings(), 512, 5) for _ in range(2)]
    straight = [rows[0].row(number) for number in range(6)]
    back = [rows[1].row(number) for number in range(5, -1, -1)][::-1]
    for one, other in zip(straight, back, strict=True):
        assert np.array_equal(one.inputs, other.inputs) and np.array_equal(one.targets, other.targets)
        assert len(one) <= 512 and sum(one.segments) == len(one)
        counted = one.targets[one.targets != IGNORE]
        assert len(counted) and counted.max() < v.SAMPLED
        for alone in one.alone():
            wanted = alone.targets[:-1] != IGNORE
            assert np.array_equal(alone.targets[:-1][wanted], alone.inputs[1:][wanted])
            assert alone.inputs[0] == v.PIECE
    assert not np.array_equal(straight[0].inputs, straight[1].inputs)


def test_nothing_that_fits_is_said_so() -> None:
    notes = tuple(Note(beat * 40, 50 + beat % 12, 40, 40 + beat % 60) for beat in range(48 * 6))
    dense = corpus_of(Score(tracks=(Track(id="1", notes=notes),)))
    with pytest.raises(StudioError) as caught:
        MusicRows.over(dense, MusicSettings(), 97, 0).row(0)
    assert caught.value.code == "no_data" and "97 tokens" in caught.value.what


def test_pieces_of_a_side_are_weighed_by_the_same_rows_every_time() -> None:
    corpus = corpus_of(*(piece(seed, 12) for seed in range(5)), sides=(0, 1, 1, 1, 2))
    found = held_rows(corpus, words_here(), "validation", 512)
    same = held_rows(corpus, words_here(), "validation", 512)
    assert sorted(found) == ["1.mid", "2.mid", "3.mid"]
    assert all(len(rows) == 4 for rows in found.values())
    for file, rows in found.items():
        assert all(np.array_equal(a.inputs, b.inputs) for a, b in zip(rows, same[file], strict=True))
    assert len(held_rows(corpus, words_here(), "validation", 512, most_tokens=2500)) == 1


def test_a_runs_pieces_are_read_once_and_compared_with_what_was_surveyed(tmp_path: Path) -> None:
    folder = write_pieces(tmp_path / "songs")
    run = make_run(tmp_path / "runs", settings_of("music", tmp_path, folder))
    first = read_pieces(run)
    assert sorted(first.names.tolist()) == sorted(one.file for one in run.survey.documents)
    (folder / "song 0.mid").write_bytes(write_midi(piece(99, 8)).data)
    assert np.array_equal(read_pieces(run).tokens, first.tokens)
    (run.folder.data / "music" / "corpus.npz").unlink()
    with pytest.raises(StudioError) as caught:
        read_pieces(run)
    assert caught.value.code == "changed"
