"""What is seen: thousands of rectangles in one stroke, shifted pictures, authors, takes, surprise, tints."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from studio.media.music.score import Chord, Key, Note, Score, Track, Word
from studio.widgets.roll.rects import boxes, fill, outline
from studio.widgets.roll.resting import Paint
from studio.widgets.roll.side import Side
from studio.widgets.tones import load_tones, tone_source
from tests.widgets.roll.desk import Desk, piece

HUMAN, MODEL, FIXED = (
    Note(480, 72, 480, 100),
    Note(960, 74, 480, 100, "take"),
    Note(1440, 76, 480, 100, "", True),
)
OTHER = Track(id="b", name="Bass", program=33).with_notes([Note(480, 60, 960)])


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    desk = Desk(qtbot, piece(HUMAN, MODEL, FIXED).with_track(OTHER))
    desk.view.state.zoom_rows(2, 0)
    desk.view.state.sight.centre_pitch(70)
    desk.view.state.looked.emit(0, 0)
    return desk


def colour(desk: Desk, tick: float, pitch: int) -> QColor:
    at = desk.point(tick, pitch).toPoint()
    return QColor(*desk.picture()[at.y(), at.x()].tolist())


def test_rectangles_are_filled_as_qt_fills_them_one_by_one(qtbot: QtBot) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(-20, 180, 500, dtype=np.int32), rng.integers(-20, 90, 500, dtype=np.int32)
    width, height = rng.integers(1, 30, 500, dtype=np.int32), rng.integers(1, 20, 500, dtype=np.int32)
    for draws in (fill, outline):
        ours, theirs = (QImage(200, 100, QImage.Format.Format_RGB32) for _ in range(2))
        for image in (ours, theirs):
            image.fill(QColor("white"))
        painter = QPainter(ours)
        draws(painter, boxes(x, y, width, height), QColor("#336699"))
        painter.end()
        painter = QPainter(theirs)
        for rect in zip(x.tolist(), y.tolist(), width.tolist(), height.tolist(), strict=True):
            if draws is fill:
                painter.fillRect(QRect(*rect), QColor("#336699"))
            else:
                left, top, wide, high = rect
                for edge in (
                    QRect(left, top, wide, 1),
                    QRect(left, top + high - 1, wide, 1),
                    QRect(left, top, 1, high),
                    QRect(left + wide - 1, top, 1, high),
                ):
                    painter.fillRect(edge, QColor("#336699"))
        painter.end()
        assert ours == theirs


def full(qtbot: QtBot) -> Desk:
    rng = np.random.default_rng(5)
    notes = {
        Note(int(s), int(p), int(d), int(v), "t" if v % 2 else "", bool(v % 7 == 0))
        for s, p, d, v in zip(
            rng.integers(0, 60_000, 900),
            rng.integers(30, 100, 900),
            rng.integers(20, 900, 900),
            rng.integers(1, 127, 900),
            strict=True,
        )
    }
    chords = tuple(Chord(at * 1920, 1920, "Am7") for at in range(30))
    return Desk(qtbot, piece(*notes, chords=chords, markers=(Word(5000, "Here"), Word(9000, "There"))))


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(-90, 90)), min_size=1, max_size=5))
def test_a_scrolled_picture_is_the_one_painted_anew(qtbot: QtBot, steps: list[tuple[int, int]]) -> None:
    desk = full(qtbot)
    state = desk.view.state
    state.scroll_to(3000, 700)
    desk.view.set_region(2, 3, ["m"])
    desk.view.set_loop((1920 * 18, 1920 * 20))
    view = desk.view
    parts = (view.grid, view.velocities, view.ruler, view.chords, view.piano)
    shifted = [desk.picture(part) for part in parts]
    for dx, dy in steps:
        state.scroll_to(state.sight.left + dx, state.sight.top + dy)
        shifted = [desk.picture(part) for part in parts]
    state.rest_changed.emit()
    for part, before in zip(parts, shifted, strict=True):
        assert np.array_equal(before, desk.picture(part)), type(part).__name__
    desk.gone()


def test_a_take_laid_over_is_painted_where_it_is_and_nothing_else_is_painted_anew(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = full(qtbot)
    view = desk.view
    beside = (view.velocities, view.ruler, view.chords, view.piano)
    desk.picture(view)
    painted: list[str] = []
    for part in beside:
        plain = part.paint_rest

        def paint_rest(painter: QPainter, area: QRect, part: Side = part, plain: Paint = plain) -> None:
            painted.append(type(part).__name__)
            plain(painter, area)

        monkeypatch.setattr(part, "paint_rest", paint_rest)
    for starts in ((400, 900), (1900, 2400), (60_000,), (), None, (500,)):
        notes = [Note(start, 60, 240, 90, "x") for start in starts] if starts is not None else None
        view.set_ghost(notes, (0, 1920))
        shown = desk.picture(view)
        assert not painted
        view.state.rest_changed.emit()
        assert np.array_equal(shown, desk.picture(view))
        assert len(set(painted)) == len(beside)
        painted.clear()
    desk.gone()


def test_human_and_model_notes_differ_and_velocity_is_strength(desk: Desk) -> None:
    looks = desk.view.state.looks
    assert colour(desk, 700, 72) == looks.notes[6]
    assert colour(desk, 1200, 74) == looks.notes[8 + 6]
    soft = replace(HUMAN, velocity=20)
    desk.view.show_score(piece(soft, MODEL, FIXED), "m")
    assert colour(desk, 700, 72) == looks.notes[1]
    assert looks.notes[1].lightness() > looks.notes[6].lightness()


def test_a_locked_note_is_hatched_and_a_free_one_is_even(desk: Desk) -> None:
    def colours(tick: int, pitch: int) -> int:
        at = desk.point(tick, pitch).toPoint()
        part: NDArray[np.uint8] = desk.picture()[at.y() - 4 : at.y() + 4, at.x() - 10 : at.x() + 10]
        return len(np.unique(part.reshape(-1, 3), axis=0))

    assert colours(700, 72) == 1
    assert colours(1700, 76) > 2


def test_chosen_notes_have_an_edge(desk: Desk) -> None:
    before = desk.picture()
    desk.view.choose([HUMAN])
    at = QPointF(desk.view.state.sight.x(480), desk.point(480, 72).y()).toPoint()
    looks = desk.view.state.looks
    assert QColor(*desk.picture()[at.y(), at.x() + 1].tolist()) == looks.edges[2]
    assert not np.array_equal(before, desk.picture())


def test_notes_of_other_tracks_are_seen_faintly_until_they_are_not_wanted(desk: Desk) -> None:
    desk.view.show_others(False)
    without = colour(desk, 700, 60)
    desk.view.show_others(True)
    assert colour(desk, 700, 60) != without
    kit = Track(id="d", drums=True, notes=(Note(480, 60, 960),))
    desk.view.show_score(Score(tracks=(desk.score.track("m"), kit)), "m")
    assert colour(desk, 700, 60) == without  # a kit's pitches are not pitches


def test_a_take_lies_over_the_track_and_goes_again(desk: Desk) -> None:
    before = desk.picture()
    desk.view.set_ghost([Note(2400, 70, 480, 80, "t2")])
    assert not np.array_equal(before, desk.picture())
    desk.view.set_ghost(None)
    assert np.array_equal(before, desk.picture())


def test_comparing_shows_what_a_take_leaves_out_and_what_it_brings(desk: Desk) -> None:
    new = Note(960, 70, 480, 100, "t2")
    desk.view.set_ghost([replace(HUMAN, author="t2"), new], (480, 1440))
    desk.view.set_take_compare(True)
    state = desk.view.state
    assert state.table.chosen(state.gone) == (MODEL,)  # FIXED begins behind the span
    assert state.take is not None and state.take.chosen(state.come) == (new,)
    assert colour(desk, 1200, 70) == state.looks.come
    assert colour(desk, 700, 72) == state.looks.notes[6]
    assert colour(desk, 1200, 74) not in state.looks.notes
    assert not desk.view.legend.isHidden() and "only in the take" in desk.view.legend.accessibleName()
    desk.view.set_take_compare(False)
    assert desk.view.legend.isHidden()


def test_surprise_colours_notes_by_step_with_a_legend(desk: Desk) -> None:
    desk.view.set_surprise({HUMAN: 1.0, MODEL: 20.0})
    looks = desk.view.state.looks
    assert colour(desk, 700, 72) == looks.notes[16]
    assert colour(desk, 1200, 74) == looks.notes[20]
    assert "surprising" in desk.view.legend.accessibleName()
    assert "10 nats and more" in desk.view.legend.toolTip()
    desk.view.set_surprise(None)
    assert colour(desk, 700, 72) == looks.notes[6] and desk.view.legend.isHidden()


def test_bars_being_made_anew_are_tinted_in_their_tracks_only(desk: Desk) -> None:
    plain = colour(desk, 1920 + 300, 71)
    desk.view.set_region(1, 1, ["b"])
    assert colour(desk, 1920 + 300, 71) == plain
    desk.view.set_region(1, 1, ["m", "b"])
    assert colour(desk, 1920 + 300, 71) != plain
    assert colour(desk, 3840 + 300, 71) == plain
    desk.view.set_region(0, 0, [])
    assert colour(desk, 1920 + 300, 71) == plain


def test_a_locked_track_has_a_ground_of_its_own(desk: Desk) -> None:
    plain = colour(desk, 1920 + 300, 71)
    locked = replace(desk.score.track("m"), locked=True)
    desk.view.show_score(desk.score.with_track(locked), "m")
    assert colour(desk, 1920 + 300, 71) != plain


def test_dragged_notes_leave_their_place_and_are_seen_where_they_would_be(desk: Desk) -> None:
    empty = colour(desk, 2700, 72)
    desk.drag(desk.point(700, 72), desk.point(2660, 72), drop=False)
    assert colour(desk, 2700, 72) == desk.view.state.looks.notes[6]
    assert colour(desk, 700, 72) == empty
    desk.view.grid.cancel()
    assert colour(desk, 700, 72) == desk.view.state.looks.notes[6]


def test_the_playhead_is_seen_and_turns_the_page(desk: Desk) -> None:
    desk.view.set_playhead(2000)
    assert colour(desk, 2000, 70) == desk.view.state.looks.playhead
    sight = desk.view.state.sight
    desk.view.set_playhead(1920 * 12)
    assert 0 < sight.x(1920 * 12) < sight.width / 4
    left = sight.left
    desk.view.set_following(False)
    desk.view.set_playhead(100)
    assert sight.left == left
    desk.view.set_playhead(-1)
    assert desk.view.state.playhead == -1


def test_folding_keeps_the_scale_and_whatever_has_notes(desk: Desk) -> None:
    odd = Note(0, 73, 480)
    score = replace(piece(HUMAN, odd), keys=(Key(0, 0, "major"),))
    desk.view.show_score(score, "m")
    desk.view.set_folded(True)
    shown = set(desk.view.state.sight.pitches)
    assert {60, 62, 64, 72, 73} <= shown and not {61, 66, 70} & shown
    kit = Track(id="d", drums=True, notes=(Note(0, 36, 10), Note(0, 42, 10)))
    desk.view.show_score(score.with_track(kit), "d")
    assert desk.view.state.sight.pitches == (42, 36)
    desk.view.set_folded(False)
    assert len(desk.view.state.sight.pitches) == 128


def test_light_and_dark_follow_the_tones(desk: Desk) -> None:
    light = desk.picture()
    tone_source().set_tones(load_tones("dark"))
    dark = desk.picture()
    tone_source().set_tones(load_tones("light"))
    assert dark.mean() < 100 < light.mean()
    assert np.array_equal(desk.picture(), light)


def test_it_has_room_at_any_size(desk: Desk) -> None:
    for size in (QSize(300, 200), QSize(1600, 900)):
        desk.view.resize(size)
        assert desk.picture().any()
        sight = desk.view.state.sight
        assert (sight.width, sight.height) == (desk.view.grid.width(), desk.view.grid.height())
