"""Pieces written as MIDI, MusicXML and sound: what is wished for, whole or not at all."""

from pathlib import Path

import pytest
import soundfile
from msgspec import ValidationError

from studio.core.errors import StoppedError, StudioError
from studio.media.music.audio import RATES_HZ as AUDIO_RATES_HZ
from studio.media.music.export import FORMATS, RATES_HZ, PieceWish, write_piece
from studio.media.music.midi import read_midi
from studio.media.music.score import Chord, Key, Note, Score, Track
from tests.tiny_fonts import tiny_font

BAR = 1920


def piece() -> Score:
    tune = [Note(BAR * bar, 60 + bar, 960) for bar in range(4)]
    return Score(
        tracks=(
            Track(id="t1", name="Tune").with_notes(tune),
            Track(id="t2", name="Bass", program=32).with_notes([Note(BAR, 36, 480)]),
            Track(id="t3", name="Silent"),
        ),
        keys=(Key(0, 2, "minor"),),
        chords=(Chord(0, BAR, "Dm"),),
    )


@pytest.fixture
def font(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.sf2"
    path.write_bytes(tiny_font())
    return path


def test_midi_holds_the_whole_piece_and_its_title(tmp_path: Path) -> None:
    written = write_piece(piece(), tmp_path / "a.mid", PieceWish(), "Fox")
    assert written.paths == (tmp_path / "a.mid",) and written.words == ""
    read = read_midi((tmp_path / "a.mid").read_bytes())
    assert read.title == "Fox" and read.score.chords == piece().chords
    assert [track.notes for track in read.score.tracks] == [track.notes for track in piece().tracks]


def test_bars_and_tracks_are_cut_out_and_begin_at_the_start(tmp_path: Path) -> None:
    wish = PieceWish(first_bar=1, last_bar=2, tracks=("t1",))
    write_piece(piece(), tmp_path / "a.mid", wish)
    (track,) = read_midi((tmp_path / "a.mid").read_bytes()).score.tracks
    assert track.notes == (Note(0, 61, 960), Note(BAR, 62, 960))
    for wish, count in (
        (PieceWish(first_bar=2), 2),
        (PieceWish(last_bar=0), 1),
        (PieceWish(first_bar=3, last_bar=99), 1),
    ):
        write_piece(piece(), tmp_path / "b.mid", wish)
        assert read_midi((tmp_path / "b.mid").read_bytes()).score.note_count == count


def test_musicxml_is_written_by_its_title(tmp_path: Path) -> None:
    write_piece(piece(), tmp_path / "a.musicxml", PieceWish(format="musicxml", last_bar=0), "Little fox")
    text = (tmp_path / "a.musicxml").read_text("utf-8")
    assert "score-partwise" in text and "Little fox" in text


def test_sound_is_told_with_its_peak_and_stems_stand_beside_each_other(tmp_path: Path, font: Path) -> None:
    wish = PieceWish(format="flac", rate=22_050, bits=24, last_bar=1)
    shares: list[float] = []
    written = write_piece(piece(), tmp_path / "a.flac", wish, font=font, progress=shares.append)
    info = soundfile.info(written.paths[0])
    assert (info.samplerate, info.subtype) == (22_050, "PCM_24") and info.duration < 4.5
    assert "peak" in written.words and shares == sorted(shares) and shares[-1] == 1.0
    stems = write_piece(
        piece(), tmp_path / "b.wav", PieceWish(format="wav", stems=True, rate=22_050), font=font
    )
    assert [path.name for path in stems.paths] == ["b 1 Tune.wav", "b 2 Bass.wav"]


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_where_nothing_is_nothing_is_written(form: str, tmp_path: Path, font: Path) -> None:
    wish = PieceWish(format=form, tracks=("t3",))  # type: ignore[arg-type]
    (tmp_path / "out").mkdir()
    with pytest.raises(StudioError) as caught:
        write_piece(piece(), tmp_path / "out" / "a", wish, font=font)
    assert caught.value.code == "empty" and caught.value.do
    with pytest.raises(StudioError, match="no notes"):
        write_piece(
            piece(), tmp_path / "out" / "a", PieceWish(format=form, first_bar=4, last_bar=6), font=font
        )  # type: ignore[arg-type]
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("form", ["midi", "musicxml", "ogg"])
def test_what_is_stopped_or_refused_leaves_the_old_file(form: str, tmp_path: Path, font: Path) -> None:
    target = tmp_path / "out" / "a"
    target.parent.mkdir()
    target.write_bytes(b"old")
    wish = PieceWish(format=form, last_bar=0)  # type: ignore[arg-type]
    with pytest.raises(StoppedError):
        write_piece(piece(), target, wish, font=font, stopped=lambda: True)
    assert target.read_bytes() == b"old" and list(target.parent.iterdir()) == [target]
    with pytest.raises(StudioError) as caught:
        write_piece(piece(), tmp_path / "nowhere" / "a", wish, font=font)
    assert caught.value.code == "io" and "nowhere" in caught.value.what


def test_wishes_are_checked_and_know_what_sound_can_do() -> None:
    assert RATES_HZ == AUDIO_RATES_HZ
    for wrong in ({"format": "mp3"}, {"rate": 8000}, {"bits": 8}, {"quality": 2.0}, {"first_bar": -1}):
        with pytest.raises(ValidationError):
            PieceWish(**wrong)
    assert PieceWish(format="musicxml").suffix == ".musicxml" and PieceWish(format="ogg").sounds
