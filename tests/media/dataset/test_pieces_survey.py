"""A folder of MIDI files looked through: what can be used, and why the rest cannot."""

import hashlib
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import StoppedError
from studio.core.tuning import TuneSettings
from studio.media.dataset.found import Problem
from studio.media.dataset.looked import Looked
from studio.media.dataset.pieces import bars_of, look
from studio.media.music.checks import FILE_MOST_BYTES
from studio.media.music.midi_write import write_midi
from studio.media.music.score import TICKS, Meter, Note, Score
from tests.media.dataset.given_pieces import alone, bars_apart, looked, piece, put


def names(found: Looked) -> list[str]:
    return [document.file for document in found.documents]


def about(found: Looked, file: str) -> Problem:
    problems = [problem for problem in found.problems if problem.file == file]
    assert len(problems) == 1, problems
    return problems[0]


def test_a_piece_makes_a_document(tmp_path: Path) -> None:
    score = piece(1)
    put(tmp_path, "a/song.MID", score)
    found = looked(tmp_path)
    (document,) = found.documents
    assert (document.file, document.units, document.tracks, document.drums) == ("a/song.MID", 80, 2, False)
    assert document.bars == len(score.bars())
    data = (tmp_path / "a/song.MID").read_bytes()
    assert (document.sha256, document.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert not found.problems and not found.notes


def test_damaged_files_are_told_apart(tmp_path: Path) -> None:
    whole = write_midi(piece(2)).data
    (tmp_path / "cut.mid").write_bytes(whole[:-40])
    (tmp_path / "short.mid").write_bytes(whole[:18])
    (tmp_path / "empty.mid").write_bytes(b"")
    (tmp_path / "page.mid").write_bytes(b"<html>404</html>")
    (tmp_path / "garbled.mid").write_bytes(whole[:60] + b"\xff\xff\xff\xff\xff" + whole[65:])
    (tmp_path / "film.mid").write_bytes(whole[:12] + b"\xe7\x28" + whole[14:])
    put(tmp_path, "good.mid", piece(3))
    found = looked(tmp_path)
    assert names(found) == ["good.mid"]
    kinds = {problem.file: problem.finding for problem in found.problems}
    assert kinds == {
        "cut.mid": "truncated", "short.mid": "truncated", "empty.mid": "empty", "page.mid": "not_this_kind",
        "garbled.mid": "unreadable", "film.mid": "not_this_kind",
    }  # fmt: skip
    assert all(problem.left_out and not problem.words.startswith("“") for problem in found.problems)


def test_files_that_are_too_big_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.mid").open("wb") as stream:
        stream.truncate(FILE_MOST_BYTES + 1)
    put(tmp_path, "days.mid", alone(tuple(Note(at * 40_000 * TICKS, 60, TICKS) for at in range(20))))
    found = looked(tmp_path)
    assert {about(found, name).finding for name in ("huge.mid", "days.mid")} == {"large"}
    assert not found.documents


def test_pieces_without_notes_or_with_too_few_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "none.mid", alone(()))
    put(tmp_path, "few.mid", alone(piece(4).tracks[0].notes[:15]))
    put(tmp_path, "enough.mid", alone(piece(5).tracks[0].notes[:16]))
    found = looked(tmp_path)
    assert names(found) == ["enough.mid"]
    assert (about(found, "none.mid").finding, about(found, "few.mid").finding) == ("empty", "small")


def test_silence_is_left_out_and_hours_are_told(tmp_path: Path) -> None:
    put(tmp_path, "sparse.mid", bars_apart(8, 20))
    long = piece(6, notes=600, speed=20.0)
    put(tmp_path, "long.mid", long)
    found = looked(tmp_path)
    assert names(found) == ["long.mid"]
    assert (about(found, "sparse.mid").finding, about(found, "sparse.mid").left_out) == ("large", True)
    assert (about(found, "long.mid").finding, about(found, "long.mid").left_out) == ("large", False)


def test_drums_are_told(tmp_path: Path) -> None:
    put(tmp_path, "drums.mid", piece(7, drums=True))
    both = piece(8)
    put(tmp_path, "both.mid", replace(both, tracks=(both.tracks[0], replace(both.tracks[1], drums=True))))
    found = looked(tmp_path)
    assert [document.drums for document in found.documents] == [True, True]
    assert found.notes == ("Pieces with drums only: 1; rhythm can be learnt from them, no melody.",)


def test_notation_and_other_files_are_passed_over_with_a_note(tmp_path: Path) -> None:
    put(tmp_path, "song.mid", piece(9))
    for name in ("a.musicxml", "b.abc", "c.txt"):
        (tmp_path / name).write_text("X:1")
    found = looked(tmp_path)
    assert names(found) == ["song.mid"] and found.passed_over == 3
    assert "passed over: 2." in found.notes[0]


def test_copies_in_another_key_tempo_or_loudness_are_near(tmp_path: Path) -> None:
    put(tmp_path, "a.mid", piece(10))
    put(tmp_path, "b_same.mid", piece(10))
    put(tmp_path, "c_up.mid", piece(10, up=3))
    put(tmp_path, "d_slow.mid", piece(10, speed=2.0))
    put(tmp_path, "e_loud.mid", piece(10, velocity=120))
    part = piece(10)
    put(tmp_path, "f_part.mid", alone(part.tracks[0].notes[10:50]))
    put(tmp_path, "g_other.mid", piece(11))
    found = looked(tmp_path)
    assert names(found) == ["a.mid", "g_other.mid"]
    kinds = {problem.file: (problem.finding, problem.other) for problem in found.problems}
    changed = ("c_up.mid", "d_slow.mid", "e_loud.mid", "f_part.mid")
    near = dict.fromkeys(changed, ("near_duplicate", "a.mid"))
    assert kinds == {"b_same.mid": ("duplicate", "a.mid"), **near}
    kept = looked(tmp_path, drop=False)
    assert len(kept.documents) == 7 and not any(problem.left_out for problem in kept.problems)
    assert {problem.file for problem in kept.problems} == set(kinds)


def test_the_same_pitches_in_another_rhythm_are_another_piece(tmp_path: Path) -> None:
    notes = piece(14, notes=80).tracks[0].notes
    put(tmp_path, "a.mid", alone(notes))
    longs = (240, 960, 240, 240, 1440)
    starts = accumulate((longs[at % 5] for at in range(len(notes))), initial=0)
    again = tuple(replace(note, start=start) for note, start in zip(notes, starts, strict=False))
    put(tmp_path, "b.mid", alone(again))
    assert names(looked(tmp_path)) == ["a.mid", "b.mid"]


def test_two_songs_over_one_beat_are_two(tmp_path: Path) -> None:
    beat = replace(piece(15, notes=200, drums=True).tracks[0], id="t9")
    for name, seed in (("a.mid", 16), ("b.mid", 17)):
        melody = piece(seed, notes=24).tracks[0]
        put(tmp_path, name, Score(tracks=(melody, beat)))
    assert names(looked(tmp_path)) == ["a.mid", "b.mid"]


def test_drums_alone_are_compared_by_drum(tmp_path: Path) -> None:
    put(tmp_path, "a.mid", piece(12, drums=True))
    put(tmp_path, "b.mid", piece(12, drums=True, velocity=100))
    put(tmp_path, "c.mid", piece(12, drums=True, up=5))  # other drums: another beat
    assert names(looked(tmp_path)) == ["a.mid", "c.mid"]


def test_broken_links_and_folders_are_told(tmp_path: Path) -> None:
    (tmp_path / "broken.mid").symlink_to(tmp_path / "gone.mid")
    (tmp_path / "folder.mid").mkdir()
    settings = TuneSettings(art="music", base="base", folder=str(tmp_path))
    found = look(tmp_path, ["broken.mid", "folder.mid"], settings, lambda *_: None, lambda: False)
    assert [problem.finding for problem in found.problems] == ["unreadable", "unreadable"]


def test_it_can_be_stopped_and_an_empty_folder_is_no_error(tmp_path: Path) -> None:
    settings = TuneSettings(art="music", base="base", folder=str(tmp_path))
    assert look(tmp_path, [], settings, lambda *_: None, lambda: False) == Looked()
    put(tmp_path, "a.mid", piece(13))
    with pytest.raises(StoppedError):
        look(tmp_path, ["a.mid"], settings, lambda *_: None, lambda: True)


METERS = st.builds(Meter, st.integers(1, 9_000), st.integers(1, 7), st.sampled_from([2, 4, 8]))


@given(st.lists(METERS, max_size=4, unique_by=lambda meter: meter.tick), st.integers(0, 12_000))
def test_bars_are_counted_as_the_score_counts_them(meters: list[Meter], at: int) -> None:
    score = replace(alone((Note(at, 60, 1),)), meters=(Meter(0), *sorted(meters)))
    assert bars_of(score) == len(score.bars())


def test_bars_without_end_are_counted_at_once() -> None:
    score = alone((Note(0, 60, 1), Note(190_000_000, 60, TICKS)), micros=1, meter=Meter(0, 1, 64))
    assert bars_of(score) == -(-(190_000_000 + TICKS) // 30)
