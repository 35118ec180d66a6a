"""A long walk over the roll with mouse, keys and commands: locks stand, undo goes back, nothing falls over."""

from collections.abc import Callable
from random import Random
from typing import Final

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from studio.core.pieces import PieceJob
from studio.media.music import holds
from studio.media.music.checks import checked
from studio.media.music.document import notes_text, with_take
from studio.media.music.score import Chord, Key, Note, Score, Track, Word
from studio.widgets.roll.kinds import SNAPS, TOOLS
from tests.media.music.test_locks_stand import assert_locks_stood
from tests.widgets.roll.desk import ALT, CTRL, MOVE, PLAIN, PRESS, RELEASE, SHIFT, TWICE, Desk

BAR: Final = 1920
KEYS: Final = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Delete),
    *(Qt.Key.Key_Insert, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Escape, Qt.Key.Key_Tab),
    *(Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_Backtab),
)
LETTERS: Final = (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_V)
HELD: Final = (PLAIN, PLAIN, PLAIN, SHIFT, CTRL, ALT)


def given(chance: Random) -> Score:
    """Two tracks of six bars with locked notes and locked bars."""

    def notes() -> list[Note]:
        return [
            Note(
                chance.randrange(0, 6 * BAR, 120),
                chance.randint(60, 84),
                chance.choice((120, 240, 480, 960, BAR)),
                chance.randint(1, 127),
                chance.choice(("", "take")),
                chance.random() < 0.15,
            )
            for _ in range(30)
        ]

    tracks = (
        Track(id="a", name="Melody").with_notes(notes()),
        Track(id="b", name="Bass").with_notes(notes()),
    )
    score = Score(tracks=tracks, keys=(Key(0, 2),), chords=(Chord(0, BAR, "D"),), markers=(Word(BAR, "B"),))
    return checked(holds.lock_bars(holds.lock_bars(score, ("a",), 2, 2), ("a", "b"), 4, 4))


class Walk:
    """Does one thing after another, whatever chance says."""

    def __init__(self, desk: Desk, chance: Random) -> None:
        self.desk, self.view, self.chance = desk, desk.view, chance
        self.done: list[str] = []

    def step(self) -> None:
        ways: tuple[Callable[[], None], ...] = (
            self.touch, self.touch, self.touch, self.press_key, self.press_key, self.command, self.command,
            self.strip, self.look, self.history, self.outside, self.write,
        )  # fmt: skip
        way = self.chance.choice(ways)
        self.done.append(way.__name__)
        way()

    # -- hands ---------------------------------------------------------------------------------------

    def place(self) -> QPointF:
        """Somewhere over the notes, often on one; sometimes beside the view."""
        notes, chance = self.view.track().notes, self.chance
        if notes and chance.random() < 0.6:
            note = chance.choice(notes)
            off = chance.choice((0, 1, note.duration // 2, note.duration - 1))
            return self.desk.point(note.start + off, note.pitch)
        grid = self.view.grid
        return QPointF(chance.uniform(-30, grid.width() + 30), chance.uniform(-30, grid.height() + 30))

    def touch(self) -> None:
        """A tool over the notes: a click, a drag, a double click; sometimes given up."""
        chance, desk = self.chance, self.desk
        if chance.random() < 0.4:
            self.view.set_tool(chance.choice(TOOLS))
        held, begin = chance.choice(HELD), self.place()
        button = chance.choice(
            (Qt.MouseButton.LeftButton,) * 6 + (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
        )
        desk.send(PRESS, begin, held, button=button)
        for _ in range(chance.randrange(4)):
            desk.send(MOVE, self.place(), held, button=button)
            if chance.random() < 0.1:
                desk.key(Qt.Key.Key_Escape)
            if chance.random() < 0.05:
                self.outside()
        end = self.place()
        desk.send(RELEASE, end, held, button=button)
        if chance.random() < 0.2:
            desk.send(TWICE, end, held)
            desk.send(RELEASE, end, held)

    def press_key(self) -> None:
        """A key; often with something chosen."""
        chance = self.chance
        notes = self.view.track().notes
        if notes and chance.random() < 0.5:
            self.view.choose(chance.sample(notes, chance.randint(0, min(6, len(notes)))))
        if chance.random() < 0.25:
            self.desk.key(chance.choice(LETTERS), CTRL)
        else:
            self.desk.key(chance.choice(KEYS), chance.choice(HELD))

    def command(self) -> None:
        """What a menu does."""
        chance, commands = self.chance, self.view.commands
        notes = self.view.track().notes
        if notes and chance.random() < 0.7:
            self.view.choose(chance.sample(notes, chance.randint(1, min(9, len(notes)))))
        ticks, bar = chance.choice((-BAR, -480, -120, 1, 120, 480, BAR, 2 * BAR)), chance.randrange(8)
        choices: tuple[Callable[[], None], ...] = (
            lambda: commands.move(ticks, chance.randint(-3, 3)),
            lambda: commands.transpose(chance.randint(-14, 14)),
            lambda: commands.transpose_in_key(chance.randint(-5, 5)),
            lambda: commands.resize(ticks, from_start=chance.random() < 0.5),
            commands.legato,
            lambda: commands.split(chance.choice((None, bar * BAR + 240))),
            commands.join,
            commands.reverse,
            lambda: commands.invert(in_key=chance.random() < 0.5),
            lambda: commands.duplicate(chance.choice((None, ticks))),
            lambda: commands.quantise(
                chance.choice((0, 120, 480)), chance.random(), ends=chance.random() < 0.5
            ),
            lambda: commands.humanise(chance.randrange(99), 60, 20),
            commands.copy,
            commands.cut,
            lambda: commands.paste(chance.choice((None, bar * BAR))),
            lambda: commands.set_velocity(chance.randint(1, 127)),
            lambda: commands.change_velocity(chance.randint(-40, 40)),
            lambda: commands.ramp(chance.randint(1, 127), chance.randint(1, 127)),
            lambda: commands.lock(chance.random() < 0.5),
            lambda: commands.lock_bars(bar, bar + chance.randrange(2), chance.random() < 0.4),
            commands.delete,
            commands.select_all,
            commands.select_none,
            commands.select_inverse,
            lambda: commands.select_pitch(chance.randint(60, 84)),
            lambda: commands.insert(chance.randint(0, 127), bar * BAR, 480, 80),
        )
        chance.choice(choices)()

    def strip(self) -> None:
        """A drag over the ruler, the chords or the velocities."""
        chance, view = self.chance, self.view
        part = chance.choice((view.ruler, view.chords, view.velocities, view.velocities))
        points = [
            QPointF(chance.uniform(-10, part.width() + 10), chance.uniform(0, part.height()))
            for _ in range(3)
        ]
        self.desk.drag(*points, held=chance.choice((PLAIN, SHIFT)), over=part, drop=chance.random() < 0.9)
        if part.busy():
            self.desk.key(Qt.Key.Key_Escape)

    def write(self) -> None:
        """A marker or a chord, or what is none."""
        chance, view, tick = self.chance, self.view, self.chance.randrange(0, 8 * BAR, 480)
        if chance.random() < 0.5:
            view.ruler.ask_marker(tick)
            field = view.ruler.field
        else:
            view.chords.ask(Chord(tick, BAR, ""))
            field = view.chords.field
        self.desk.qtbot.keyClicks(field, chance.choice(("", "Am", "no chord", "G7/B")))
        self.desk.qtbot.keyClick(field, chance.choice((Qt.Key.Key_Return, Qt.Key.Key_Escape)))
        view.grid.setFocus()

    # -- the rest of the world -----------------------------------------------------------------------

    def look(self) -> None:
        """Elsewhere, larger, folded; another grid; the playhead; takes and surprise laid over."""
        chance, view = self.chance, self.view
        notes = view.track().notes
        choices: tuple[Callable[[], None], ...] = (
            lambda: view.set_folded(chance.random() < 0.5),
            lambda: view.show_others(chance.random() < 0.5),
            lambda: view.set_snap(chance.choice(SNAPS)),
            lambda: view.state.scroll_to(chance.randrange(900), chance.randrange(900)),
            view.zoom_in,
            view.zoom_out,
            view.fit,
            lambda: view.set_playhead(chance.choice((-1, chance.randrange(8 * BAR)))),
            lambda: view.set_ghost(chance.choice((None, [Note(BAR, 70, 480)])), (BAR, 2 * BAR)),
            lambda: view.set_take_compare(chance.random() < 0.5),
            lambda: view.set_surprise(chance.choice((None, dict.fromkeys(notes[::2], 5.0)))),
            lambda: view.set_region(1, 3, chance.choice(([], ["a"]))),
            lambda: view.resize(chance.randint(300, 900), chance.randint(260, 640)),
            lambda: view.show_score(self.desk.score, chance.choice(("a", "b"))),
        )
        chance.choice(choices)()

    def history(self) -> None:
        """Back and forth."""
        for _ in range(self.chance.randrange(1, 4)):
            self.chance.choice((self.desk.undo, self.desk.undo, self.desk.redo))()

    def outside(self) -> None:
        """A take is accepted elsewhere, or a track is changed there."""
        desk, chance = self.desk, self.chance
        locked = next((track for track in desk.score.tracks if track.locked), None)
        if locked is not None or chance.random() < 0.15:
            track = locked or desk.score.track(chance.choice(("a", "b")))
            score = desk.score.with_track(replace(track, locked=not track.locked))
        else:
            notes = [Note(chance.randrange(0, 8 * BAR, 240), chance.randint(60, 80), 960) for _ in range(9)]
            first = chance.randrange(6)
            job = PieceJob(
                id="j",
                task="infill",
                score="0" * 64,
                first_bar=first,
                last_bar=first + 1,
                tracks=("a", "b"),
                model="m",
                seed=1,
            )
            score = with_take(desk.score, job, "take", notes_text("a", notes) + notes_text("b", notes))
            assert_locks_stood(desk.score, score)
        desk.scores[desk.at + 1 :] = [score]
        desk.at += 1
        desk.steps.append(("elsewhere", "accepted" if score != desk.score else ""))
        desk.view.show_score(score, desk.view.track().id)


def sounds(score: Score) -> list[tuple[int, int, int, int, str]]:
    return sorted(
        (note.start, note.pitch, note.duration, note.velocity, note.author)
        for track in score.tracks
        for note in track.notes
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_walk_of_any_steps_keeps_what_is_locked_and_tells_what_it_shows(qtbot: QtBot, seed: int) -> None:
    chance = Random(seed)
    desk = Desk(qtbot, given(chance), "a")
    told: list[tuple[Score, Score, str]] = []

    def watch(before: Score, after: Score, kind: str) -> None:
        told.append((before, after, kind))
        if kind in ("locked", "unlocked"):
            assert sounds(before) == sounds(after)
        else:
            assert_locks_stood(before, after)

    shown = [desk.view.score()]
    desk.view.changed.connect(lambda score, _title, kind: watch(shown[-1], score, kind))
    walk = Walk(desk, chance)
    for _ in range(300):
        shown.append(desk.view.score())
        walk.step()
        desk.send(RELEASE, QPointF(5, 5))
        view = desk.view
        assert view.score() == desk.score, walk.done[-1]
        assert view.state.table.notes == desk.notes == view.track().notes
        assert len(view.state.chosen) == len(view.state.fixed) == len(desk.notes)
        assert checked(desk.score) == desk.score
        if chance.random() < 0.2:
            view.grab()
    assert len(told) > 30
