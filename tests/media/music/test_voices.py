"""One note's sound: its pitch, its level, its envelope, and that any stretch of it is the same."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.curves import HOP, Sound
from studio.media.music.fonts import open_font
from studio.media.music.voices import LOUD, PART, Instrument, Voice, Voices
from tests.tiny_fonts import FLAT, RATE, Gen, tiny_font

SINE = Instrument(0)
HELD = [(54, 1)]


def voices(folder: Path, *zones: list[Gen], rate: int = RATE, **values: object) -> Voices:
    path = folder / "tiny.sf2"
    path.write_bytes(tiny_font(list(zones) or [[*FLAT, *HELD]], **values))  # type: ignore[arg-type]
    return Voices(open_font(path), rate)


def sound(made: Voices, voice: Voice, frames: int = 0, instrument: Instrument = SINE) -> Sound:
    out = np.zeros((2, frames or made.end(instrument, voice)), np.float32)
    made.add(out, 0, instrument, voice)
    return out


def pitch_hz(wave: Sound, rate: int = RATE) -> float:
    """By the zeros that the wave passes upwards."""
    ups = np.flatnonzero((wave[:-1] < 0) & (wave[1:] >= 0))
    return (len(ups) - 1) * rate / (ups[-1] - ups[0])


def level(wave: Sound) -> float:
    return float(np.sqrt((wave.astype(np.float64) ** 2).mean()))


@pytest.mark.parametrize(("key", "hertz"), [(69, 441), (81, 882), (57, 220.5), (76, 441 * 2 ** (7 / 12))])
def test_a_note_has_its_keys_pitch(tmp_path: Path, key: int, hertz: float) -> None:
    wave = sound(voices(tmp_path), Voice(0, RATE, key, 100), RATE)[0]
    assert pitch_hz(wave) == pytest.approx(hertz, rel=2e-4)


def test_the_pitch_holds_through_the_loop_and_at_another_rate(tmp_path: Path) -> None:
    wave = sound(voices(tmp_path, rate=48_000), Voice(0, 96_000, 69, 100), 96_000)[0]
    assert pitch_hz(wave, 48_000) == pytest.approx(441, rel=2e-4)
    assert level(wave[-20_000:]) == pytest.approx(level(wave[:20_000]), rel=1e-2)


def test_a_velocity_counts_by_its_square(tmp_path: Path) -> None:
    made = voices(tmp_path)
    loud, soft = (sound(made, Voice(0, 8000, 69, velocity), 8000)[0] for velocity in (127, 64))
    assert level(soft) / level(loud) == pytest.approx((64 / 127) ** 2, rel=1e-4)
    assert np.abs(loud).max() == pytest.approx(LOUD * 0.5 * np.sqrt(0.5), rel=0.01)


def test_pan_keeps_the_power(tmp_path: Path) -> None:
    powers = []
    for pan in (-500, -200, 0, 500):
        left, right = sound(voices(tmp_path, [*FLAT, *HELD, (17, pan)]), Voice(0, 8000, 69, 127), 8000)
        powers.append(level(left) ** 2 + level(right) ** 2)
        if pan == -500:
            assert level(right) < 1e-6
    assert powers == pytest.approx([powers[0]] * 4, rel=1e-4)


def test_a_key_let_go_falls_by_its_release_and_ends_in_silence(tmp_path: Path) -> None:
    made = voices(tmp_path, [(38, 0), *HELD])  # 100 dB in one second
    wave = sound(made, Voice(0, 10_000, 69, 127))[0]
    assert len(wave) == 10_000 + int(0.9 * RATE)
    before, after = level(wave[9_000:10_000]), level(wave[10_000 + 11_025 - 500 : 10_000 + 11_025 + 500])
    assert 20 * np.log10(before / after) == pytest.approx(25, abs=0.5)
    assert np.abs(wave[-50:]).max() < 1e-4


def test_an_attack_rises_evenly_and_a_decay_falls_to_its_sustain(tmp_path: Path) -> None:
    made = voices(
        tmp_path, [*HELD, (34, 0), (36, 0), (37, 200), (38, -2400)]
    )  # 1 s up, then 100 dB a second to -20
    wave = sound(made, Voice(0, 3 * RATE, 69, 127), 3 * RATE)[0]
    peak = LOUD * 0.5 * np.sqrt(0.5)
    assert np.abs(wave[RATE // 2 : RATE // 2 + 200]).max() == pytest.approx(peak / 2, rel=0.02)
    assert np.abs(wave[RATE - 200 : RATE]).max() == pytest.approx(peak, rel=0.02)
    assert np.abs(wave[2 * RATE :]).max() == pytest.approx(peak / 10, rel=0.02)


def test_a_sound_that_plays_once_ends_with_its_recording(tmp_path: Path) -> None:
    made = voices(tmp_path, [(38, 1200)])
    voice = Voice(0, 3 * RATE, 69, 100)
    assert made.end(SINE, voice) == pytest.approx(4_000, abs=2)
    assert made.end(SINE, Voice(0, 3 * RATE, 81, 100)) == pytest.approx(2_000, abs=2)
    assert level(sound(made, voice, 8_000)[0][4_003:]) == 0


def test_a_sound_whose_sustain_is_silent_ends_by_itself(tmp_path: Path) -> None:
    made = voices(tmp_path, [*HELD, (36, 0), (37, 1000), (38, -12_000)])
    assert made.end(SINE, Voice(0, 100 * RATE, 69, 100)) < RATE


def test_a_bent_note_moves_its_pitch(tmp_path: Path) -> None:
    made = voices(tmp_path)
    bends = ((0, 0), (RATE // 2, 1200), (RATE, -1200))
    wave = sound(made, Voice(0, 2 * RATE, 69, 100, bends), 3 * RATE // 2)[0]
    half = RATE // 2
    heard = [pitch_hz(wave[at * half + 100 : (at + 1) * half - 100]) for at in range(3)]
    assert heard == pytest.approx([441, 882, 220.5], rel=1e-3)


def test_a_vibrato_sways_around_the_pitch(tmp_path: Path) -> None:
    made = voices(tmp_path, [*FLAT, *HELD, (6, 100), (24, -500)])  # a semitone, 6 times a second
    wave = sound(made, Voice(0, 2 * RATE, 69, 100), 2 * RATE)[0]
    ups = np.flatnonzero((wave[:-1] < 0) & (wave[1:] >= 0))
    hertz = RATE / np.diff(ups)
    assert hertz.max() == pytest.approx(441 * 2 ** (1 / 12), rel=0.02)
    assert hertz.min() == pytest.approx(441 / 2 ** (1 / 12), rel=0.02)
    assert pitch_hz(wave) == pytest.approx(441, rel=0.01)


def test_a_filter_takes_away_what_lies_above_it(tmp_path: Path) -> None:
    plain, filtered = (
        sound(voices(tmp_path, [*FLAT, *HELD, *gens]), Voice(0, RATE, 69 + 24, 127), RATE)[0]
        for gens in ([], [(8, 6900)])  # 440 Hz, two octaves below the note: 24 dB less
    )
    assert 20 * np.log10(level(plain) / level(filtered)) == pytest.approx(24, abs=1)


def test_a_filter_leaves_what_lies_below_it(tmp_path: Path) -> None:
    plain, filtered = (
        sound(voices(tmp_path, [*FLAT, *HELD, *gens]), Voice(0, RATE, 45, 127), RATE)[0]
        for gens in ([], [(8, 10_500)])
    )
    assert 20 * np.log10(level(plain) / level(filtered)) == pytest.approx(0, abs=0.2)


def test_a_cut_note_is_silent_soon_after(tmp_path: Path) -> None:
    made = voices(tmp_path)
    wave = sound(made, Voice(0, RATE, 69, 127, (), 10_000), RATE)[0]
    assert level(wave[9_000:10_000]) > 0.1
    assert np.abs(wave[10_000 + HOP :]).max() == 0


@given(
    cuts=st.lists(st.integers(1, 60_000), max_size=6),
    off=st.integers(1, 50_000),
    start=st.integers(0, 5_000),
    gens=st.sampled_from(
        [[], [(8, 9000), (11, 2400), (26, -2000)], [(5, 50), (22, 0), (13, 30)], [(6, 30), (24, 100)]]
    ),
    bend=st.sampled_from([(), ((0, 30),), ((0, 0), (9_000, 200), (30_000, -100))]),
)
def test_any_stretch_of_a_note_is_the_same_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory,
    cuts: list[int],
    off: int,
    start: int,
    gens: list[Gen],
    bend: tuple[tuple[int, int], ...],
) -> None:
    made = voices(tmp_path_factory.mktemp("font"), [*FLAT, *HELD, *gens])
    voice = Voice(start, start + off, 69, 100, bend)
    whole = sound(made, voice, 60_000)
    parts = []
    other = Voices(made.font, RATE)  # nothing is kept yet, and the last stretch is asked for first
    edges = [0, *sorted(set(cuts)), 60_000]
    for first, end in reversed(list(pairwise(edges))):
        out = np.zeros((2, end - first), np.float32)
        other.add(out, first, SINE, voice)
        parts.insert(0, out)
    assert np.allclose(np.concatenate(parts, axis=1), whole, atol=1e-6)
    if not bend and not gens:
        assert (np.concatenate(parts, axis=1) == whole).all()


def test_what_is_kept_stays_within_its_budget(tmp_path: Path) -> None:
    made = voices(tmp_path)
    made = Voices(made.font, RATE, budget_bytes=20 * PART * 4)
    first = sound(made, Voice(0, 60_000, 50, 100), 60_000)
    for key in range(51, 80):
        sound(made, Voice(0, 60_000, key, 100))
    assert made.kept_bytes <= 20 * PART * 4
    assert (sound(made, Voice(0, 60_000, 50, 100), 60_000) == first).all()


def test_the_built_in_fonts_instruments_all_sound_in_tune() -> None:
    made = Voices(open_font())
    for program in (0, 24, 40, 56, 65, 73):
        wave = sound(made, Voice(0, RATE, 69, 100), RATE, Instrument(program))[0]
        spectrum = np.abs(np.fft.rfft(wave[8_820:] * np.hanning(len(wave) - 8_820)))
        hertz = np.fft.rfftfreq(len(wave) - 8_820, 1 / RATE)
        near = [spectrum[np.abs(hertz - 440 * k) < 440 * k * 0.012].max() for k in (1, 2, 3)]
        between = spectrum[np.abs(hertz - 440 * 1.5) < 40].max()
        assert max(near) > 20 * between, program
