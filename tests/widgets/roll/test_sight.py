"""Ticks and pitches to pixels and back, the grid, and its lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.score import Bars, Meter
from studio.widgets.roll.geometry import ROW_LEAST_PX, ROW_MOST_PX, ZOOM_MOST, Sight
from studio.widgets.roll.kinds import SNAPS, Snap, length_words
from studio.widgets.roll.lines import lines


def sight(end: int = 1920 * 64) -> Sight:
    out = Sight()
    out.end = end
    out.resize(800, 400)
    return out


@given(st.floats(0.2, 5), st.integers(0, 800), st.integers(0, 60_000))
def test_zooming_keeps_the_tick_under_the_pointer(factor: float, x: int, left: int) -> None:
    view = sight()
    view.scroll_to(left, 0)
    tick = view.tick(x)
    view.zoom_time(factor, x)
    at_an_end = view.left in (0, view.most[0])
    assert at_an_end or abs(view.x(tick) - x) <= 1
    assert view.least_zoom <= view.zoom <= ZOOM_MOST


@given(st.integers(-12, 12), st.integers(0, 399))
def test_higher_rows_keep_the_pitch_under_the_pointer(steps: int, y: int) -> None:
    view = sight()
    view.centre_pitch(60)
    pitch = view.pitch_at(y)
    view.zoom_rows(steps, y)
    assert ROW_LEAST_PX <= view.row_px <= ROW_MOST_PX
    at_an_end = view.top in (0, view.most[1])
    assert at_an_end or abs(view.y(pitch) + view.row_px / 2 - y) <= view.row_px


@given(st.integers(0, 60_000), st.integers(0, 1000))
def test_shifting_by_what_was_scrolled_is_exact(tick: int, by: int) -> None:
    view = sight()
    ticks = np.array([tick, tick + 1, tick + 77], dtype=np.int32)
    before = view.xs(ticks)
    dx, _ = view.scroll_to(view.left + by, 0)
    assert (before - view.xs(ticks) == dx).all()
    assert view.xs(ticks).tolist() == [view.x(int(one)) for one in ticks]


def test_it_scrolls_no_further_than_there_is_something() -> None:
    view = sight(end=4800)
    view.scroll_to(0, 0)
    assert view.scroll_to(-50, -50) == (0, 0)
    view.scroll_to(1e9, 1e9)
    assert (view.left, view.top) == view.most
    view.zoom_time(0.0001, 0)
    assert view.content[0] == pytest.approx(800, abs=1) or view.zoom > 0.1
    assert view.left == 0


def test_fitting_shows_the_ticks_and_the_pitches() -> None:
    view = sight()
    view.fit(1920, 1920 * 5, 48, 72)
    assert view.x(1920) == 0 and abs(view.x(1920 * 5) - 800) <= 1
    assert view.y(72) >= 0 and view.y(48) + view.row_px <= 400


def test_folded_rows_leave_the_other_pitches_out() -> None:
    view = sight()
    view.show_pitches([72, 67, 64, 60])
    assert [view.pitch_at(view.y(pitch)) for pitch in (72, 67, 64, 60)] == [72, 67, 64, 60]
    assert view.rows[61] == -1
    assert view.content[1] == 4 * view.row_px


BARS = Bars.of((Meter(0, 3, 4), Meter(1440 * 2, 4, 4)), 1440 * 2 + 1920 * 3)


def test_each_bar_begins_the_grid_anew() -> None:
    assert [snap.title for snap in SNAPS[:3]] == ["1/1", "1/2", "1/4"]
    whole = Snap(1)
    assert [whole.near(tick, BARS) for tick in (100, 1300, 1600, 2880 + 1000)] == [0, 1440, 1440, 4800]
    assert whole.near(900, BARS) == 1440  # no line of the whole notes within a bar of three quarters
    assert whole.before(2870, BARS) == 1440
    assert Snap(8, triplet=True).step == 160
    assert Snap(8, triplet=True).near(1440 + 250, BARS) == 1440 + 320
    assert Snap(0).near(123.4, BARS) == 123 and Snap(0).near(123.6, BARS) == 124


@given(st.sampled_from(SNAPS), st.integers(0, 9000))
def test_the_line_before_is_not_after_and_the_nearest_is_within_half_a_step(snap: Snap, tick: int) -> None:
    before, near = snap.before(tick, BARS), snap.near(tick, BARS)
    assert before <= tick < before + snap.step
    assert abs(near - tick) <= max(1, snap.step / 2)


def test_lines_follow_the_metre_and_thin_out() -> None:
    view = sight(end=BARS.starts[-1])
    found = lines(view, BARS, (Meter(0, 3, 4), Meter(2880, 4, 4)), Snap(8))
    assert found.bars.tolist()[:4] == [0, 1440, 2880, 4800]
    assert found.beats.tolist()[:5] == [480, 960, 1920, 2400, 3360]
    assert 240 in found.steps.tolist() and 480 not in found.steps.tolist()
    many = Bars.of((Meter(0),), 1920 * 2000)
    view = sight(end=many.starts[-1])
    view.zoom_time(1e-9, 0)
    found = lines(view, many, (Meter(0),), Snap(8))
    assert len(found.bars) <= 800 / 10 + 2 and not len(found.beats) and not len(found.steps)
    assert (found.numbers % found.numbers[1] == 0).all()


@pytest.mark.parametrize(
    ("ticks", "words"),
    [
        (480, "quarter"),
        (720, "dotted quarter"),
        (320, "triplet quarter"),
        (60, "thirty-second"),
        (1200, "2.50 quarters"),
    ],
)
def test_lengths_have_the_names_musicians_use(ticks: int, words: str) -> None:
    assert length_words(ticks) == words
