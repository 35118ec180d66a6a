"""The metronome follows metre and tempo."""

import numpy as np
import pytest

from studio.media.music.clicks import CLICK_S, Click, beats_of, click_sound, clicks_of, count_in
from studio.media.music.score import Meter, Note, Score, Tempo, Track
from studio.media.music.transport import TimeMap


def piece(end: int, *meters: Meter, tempos: tuple[Tempo, ...] = (Tempo(0, 500_000),)) -> Score:
    return Score(
        tracks=(Track(id="a", notes=(Note(0, 60, end),)),), meters=meters or (Meter(0),), tempos=tempos
    )


@pytest.mark.parametrize(
    ("meter", "accents"),
    [
        (Meter(0, 2, 4), [2, 1]), (Meter(0, 3, 4), [2, 1, 1]), (Meter(0, 4, 4), [2, 1, 1, 1]),
        (Meter(0, 6, 8), [2, 0, 0, 1, 0, 0]), (Meter(0, 5, 8), [2, 1, 1, 1, 1]), (Meter(0, 3, 8), [2, 1, 1]),
    ],
)  # fmt: skip
def test_a_bar_clicks_by_its_metre(meter: Meter, accents: list[int]) -> None:
    found = beats_of(meter)
    assert [accent for _, accent in found] == accents
    assert [tick for tick, _ in found] == [1_920 // meter.unit * at for at in range(meter.beats)]


def test_clicks_fall_on_the_beats_through_a_change_of_metre_and_tempo() -> None:
    score = piece(
        1_920 + 1_440, Meter(0), Meter(1_920, 3, 4), tempos=(Tempo(0, 500_000), Tempo(1_920, 1_000_000))
    )
    found = clicks_of(score, TimeMap(score.tempos))
    assert found == (
        Click(0, 2), Click(22_050, 1), Click(44_100, 1), Click(66_150, 1),
        Click(88_200, 2), Click(132_300, 1), Click(176_400, 1),
    )  # fmt: skip


def test_a_bar_cut_short_by_a_metre_clicks_no_further() -> None:
    score = piece(1_920, Meter(0), Meter(960, 2, 4))
    assert [accent for _, accent in clicks_of(score, TimeMap(score.tempos))] == [2, 1, 2, 1]


def test_a_count_in_is_one_bar_in_the_tempo_of_its_place() -> None:
    score = piece(9_600, Meter(0), Meter(1_920, 3, 4), tempos=(Tempo(0, 500_000), Tempo(1_920, 1_000_000)))
    time = TimeMap(score.tempos)
    total, clicks = count_in(score, time, time.frame_at(1_920))
    assert total == 3 * 44_100
    assert clicks == (Click(-132_300, 2), Click(-88_200, 1), Click(-44_100, 1))
    assert count_in(score, TimeMap(score.tempos, scale=2.0), 0, bars=2)[0] == 4 * 2 * 11_025


def test_a_click_begins_and_ends_in_silence_and_accents_are_louder() -> None:
    sounds = [click_sound(accent, 44_100) for accent in (0, 1, 2)]
    peaks = [float(np.abs(sound).max()) for sound in sounds]
    assert peaks == sorted(peaks)
    assert 0.05 < peaks[0] < peaks[2] < 0.5
    for sound in sounds:
        assert len(sound) == round(CLICK_S * 44_100)
        assert abs(sound[0]) < 1e-3
        assert abs(sound[-1]) < 1e-3
