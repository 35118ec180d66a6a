"""Scores written as sound files: what is in them, how loud, and never half of one."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec import ValidationError
from msgspec.structs import replace

from studio.core.errors import StoppedError, StudioError
from studio.media.music.audio import CEILING, AudioWish, write_audio
from studio.media.music.fonts import SoundFont, open_font
from studio.media.music.mix import gains
from studio.media.music.score import Note, Score, Track
from studio.media.music.transport import TimeMap
from studio.media.music.voices import Voices
from studio.media.music.voicing import part_of
from tests.tiny_fonts import band, melody, tiny_font


@pytest.fixture
def font(tmp_path: Path) -> SoundFont:
    path = tmp_path / "tiny.sf2"
    path.write_bytes(tiny_font())
    return open_font(path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def direct(
    font: SoundFont, score: Score, tracks: tuple[str, ...], frames: int, rate: int = 44_100
) -> np.ndarray:
    """The mix of these tracks, (frames, 2), as the mixer's gains have it."""
    total = np.zeros((2, frames), np.float32)
    sounds = Voices(font, rate)
    for name in tracks:
        track = score.track(name)
        part = part_of(track, TimeMap(score.tempos, rate), sounds)
        block = np.zeros((2, frames), np.float32)
        for voice in part.voices:
            sounds.add(block, 0, part.instrument, voice)
        total += block * np.array(gains(track, False), np.float32)[:, None]
    return total.T


def read(path: Path) -> tuple[np.ndarray, int]:
    data, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return data, rate


@pytest.mark.parametrize(
    ("values", "subtype", "exact"),
    [
        ({"format": "wav"}, "PCM_16", 3.1e-5), ({"format": "wav", "bits": 24, "rate": 48_000}, "PCM_24", 2e-7),
        ({"format": "flac", "rate": 22_050}, "PCM_16", 3.1e-5), ({"format": "ogg", "quality": 0.9}, "VORBIS", 0.05),
    ],
)  # fmt: skip
def test_a_file_holds_the_mix_with_its_tail(
    font: SoundFont, out: Path, values: dict[str, object], subtype: str, exact: float
) -> None:
    wish = AudioWish(**values)  # type: ignore[arg-type]
    score = replace(band(2), tracks=(melody("a", pan=-0.5), melody("b", notes=4, volume=70)))
    target = out / f"x{wish.suffix}"
    told = write_audio(score, target, wish, font)
    assert told.paths == (target,)
    info = soundfile.info(target)
    assert (info.format, info.subtype, info.samplerate, info.channels) == (
        wish.format.upper(), subtype, wish.rate, 2,
    )  # fmt: skip
    data, rate = read(target)
    assert np.abs(data - direct(font, score, ("a", "b"), len(data), rate)).max() < exact
    assert len(data) / rate == pytest.approx(told.seconds)
    assert told.seconds > 4.1  # eight quarters, and what rings after them
    assert np.abs(data[-20:]).max() < 1e-3
    assert [path.name for path in out.iterdir()] == [target.name]


def test_a_loud_piece_is_turned_down_and_not_cut_off(font: SoundFont, out: Path) -> None:
    loud = Score(tracks=tuple(replace(melody(str(at)), volume=127) for at in range(6)))
    told = write_audio(loud, out / "x.wav", AudioWish(bits=24), font)
    data, _ = read(out / "x.wav")
    plain = direct(font, loud, tuple("012345"), len(data))
    assert np.abs(plain).max() > 1
    assert np.abs(data).max() == pytest.approx(CEILING, rel=1e-4)
    assert np.abs(data - plain * CEILING / np.abs(plain).max()).max() < 1e-5
    assert told.down_db == pytest.approx(20 * np.log10(np.abs(plain).max() / CEILING), abs=0.01)
    assert told.peak_db == pytest.approx(20 * np.log10(CEILING), abs=0.01)
    assert "turned down by" in told.words


def test_what_is_quiet_enough_stays_as_it_is(font: SoundFont, out: Path) -> None:
    told = write_audio(band(1), out / "x.wav", AudioWish(), font)
    assert told.down_db == 0
    assert "turned down" not in told.words
    assert told.peak_db < 0


def test_stems_add_up_to_the_mix(font: SoundFont, out: Path) -> None:
    score = Score(
        tracks=tuple(melody(f"t{at}", name=name, volume=127) for at, name in enumerate(("Vl/1", "", "C")))
    )
    whole = write_audio(score, out / "x.wav", AudioWish(bits=24), font)
    told = write_audio(score, out / "s.wav", AudioWish(bits=24, stems=True), font)
    assert [path.name for path in told.paths] == ["s 1 Vl 1.wav", "s 2 track.wav", "s 3 C.wav"]
    together = sum(read(path)[0] for path in told.paths)
    mixed, _ = read(out / "x.wav")
    gain = 10 ** ((whole.down_db - told.down_db) / 20)
    assert np.abs(together - mixed * gain).max() < 1e-5


def test_a_range_of_bars_begins_there_and_rings_out(font: SoundFont, out: Path) -> None:
    score = Score(tracks=(melody("a", notes=16),))
    told = write_audio(score, out / "x.wav", AudioWish(bits=24, first_bar=1, last_bar=2), font)
    data, _ = read(out / "x.wav")
    first, end = 88_200, 3 * 88_200
    cut = replace(score, tracks=(replace(score.tracks[0], notes=score.tracks[0].notes[:12]),))
    wanted = direct(font, cut, ("a",), first + len(data))[first:]
    assert np.abs(data - wanted).max() < 1e-6
    assert end - first < len(data) < end - first + 44_100
    assert told.seconds == len(data) / 44_100


def test_mute_and_solo_count_unless_tracks_are_chosen(font: SoundFont, out: Path) -> None:
    score = Score(tracks=(melody("a", mute=True), melody("b", notes=3), melody("c", solo=True)))
    write_audio(score, out / "heard.wav", AudioWish(bits=24), font)
    heard, _ = read(out / "heard.wav")
    assert np.abs(heard - direct(font, score, ("c",), len(heard))).max() < 1e-6
    write_audio(score, out / "chosen.wav", AudioWish(bits=24, tracks=("a", "b")), font)
    chosen, _ = read(out / "chosen.wav")
    loud = replace(score, tracks=tuple(replace(track, mute=False) for track in score.tracks))
    assert np.abs(chosen - direct(font, loud, ("a", "b"), len(chosen))).max() < 1e-6


def test_twice_as_fast_is_half_as_long(font: SoundFont, out: Path) -> None:
    plain = write_audio(band(1), out / "a.wav", AudioWish(), font).seconds
    fast = write_audio(band(1), out / "b.wav", AudioWish(scale=2.0), font).seconds
    assert fast == pytest.approx(plain / 2, abs=0.2)


@pytest.mark.parametrize(
    "score", [Score(), Score(tracks=(Track(id="a"),)), Score(tracks=(melody("a", mute=True),))]
)
def test_silence_is_not_written(font: SoundFont, out: Path, score: Score) -> None:
    with pytest.raises(StudioError) as told:
        write_audio(score, out / "x.wav", AudioWish(), font)
    assert told.value.code == "empty"
    assert not list(out.iterdir())


def test_stopping_leaves_the_old_file_and_nothing_else(font: SoundFont, out: Path) -> None:
    (out / "x.wav").write_bytes(b"old")
    shares: list[float] = []
    with pytest.raises(StoppedError):
        write_audio(band(2), out / "x.wav", AudioWish(), font, lambda: len(shares) >= 2, shares.append)
    assert len(shares) == 2
    assert 0 < shares[0] < shares[1] < 1
    assert (out / "x.wav").read_bytes() == b"old"
    assert [path.name for path in out.iterdir()] == ["x.wav"]


def test_a_folder_that_is_gone_is_told(font: SoundFont, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as told:
        write_audio(band(1), tmp_path / "gone" / "x.wav", AudioWish(), font)
    assert told.value.code == "io"
    assert told.value.kept


def test_a_full_disk_leaves_no_half_file(font: SoundFont, out: Path) -> None:
    import resource
    import signal

    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, old[1]))
    try:
        with pytest.raises(StudioError) as told:
            write_audio(band(2, notes=32), out / "x.wav", AudioWish(), font)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert told.value.code in ("io", "full")
    assert not list(out.iterdir())


def test_a_wav_that_would_be_too_long_is_refused_before_anything_is_made(font: SoundFont, out: Path) -> None:
    score = Score(tracks=(Track(id="a", notes=(Note(0, 60, 480), Note(480 * 120 * 60 * 7, 60, 480))),))
    with pytest.raises(StudioError) as told:
        write_audio(score, out / "x.wav", AudioWish(), font)
    assert told.value.code == "too_long"


def test_a_wish_is_checked_at_birth() -> None:
    with pytest.raises(ValidationError, match="rate"):
        AudioWish(rate=12_345)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="quality"):
        AudioWish(quality=1.5)


def test_eight_tracks_of_the_built_in_font_stay_under_full(out: Path) -> None:
    told = write_audio(band(8, notes=8), out / "x.ogg", AudioWish(format="ogg"), open_font())
    assert -18 < told.peak_db < -1
    assert told.down_db == 0
