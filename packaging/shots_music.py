"""The fourth walk of the pictures: a piece begun by the model, held chords, tracks, dialogs, surprise, tidying."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from studio.cli.probe import wait

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk
    from studio.app.wiring import Wiring

Shoot = Callable[[str], None]
SETTLE_MS = 400
TICKS = 480
SEED = 5
CHORDS = "Dm Gm A7 Dm"
DIALOGS = (
    ("53-tempo", "piece.tempo"),
    ("54-meter", "piece.meter"),
    ("55-key", "piece.key"),
    ("56-chords", "piece.chords"),
    ("57-quantise", "roll.quantise_how"),
    ("58-humanise", "roll.humanise"),
    ("59-tidy", "edit.tidy"),
    ("60-export", "file.export_music"),
)


def walk(wiring: "Wiring", shoot: Shoot) -> None:
    """A first piece, as a musician makes one."""
    actions = wiring.window.actions_by_id
    actions["work.piece"].trigger()
    desk = wiring.pieces.need()
    desk.pane.knobs.set_values(desk.pane.knobs.values().changed(seed=SEED))
    wait(lambda: wiring.engine.worker_phase() == "ready")
    shoot("41-new-piece")
    actions["take.propose"].trigger()
    wait(lambda: any(len(take.text) > 200 for take in desk.judged.takes.values()) or not desk.running)
    shoot("42-writing")
    wait(lambda: not desk.running)
    shoot("43-takes")
    actions["take.accept"].trigger()
    shoot("44-accepted")
    _hold(desk)
    _ask(desk, wiring, "infill")
    shoot("45-held")
    actions["take.compare"].trigger()
    shoot("46-compare")
    actions["take.compare"].trigger()
    actions["take.accept"].trigger()
    desk.set_range(None)
    for task in ("harmonise", "add"):
        _ask(desk, wiring, task)
        actions["take.accept"].trigger()
    shoot("47-tracks")
    desk.show_track(desk.score.tracks[0].id)
    desk.pane.roll.choose(desk.score.tracks[0].notes[4:9])
    actions["edit.lock"].trigger()
    actions["play.toggle"].trigger()
    wait(lambda: wiring.pieces.parts.playing.player.tick > TICKS * 6)
    shoot("48-playing")
    actions["play.toggle"].trigger()
    actions["roll.surprise"].trigger()
    QTest.qWait(SETTLE_MS * 4)
    shoot("49-surprise")
    actions["roll.surprise"].trigger()
    wiring.window.show_dock("view.lineage")
    shoot("50-lineage")
    wiring.window.show_dock("view.knobs")
    _dialogs(wiring, shoot)
    actions["view.focus"].setChecked(True)
    shoot("61-distraction-free")
    actions["view.focus"].setChecked(False)


def _hold(desk: "PieceDesk") -> None:
    """A key and chords, laid over the first bars."""
    from msgspec.structs import replace

    from studio.media.music.chords import lay_progression, read_progression
    from studio.media.music.theory import parse_key

    starts = desk.score.bars(at_least=8).starts[:9]
    chords = lay_progression(read_progression(CHORDS), starts)
    desk.revise(replace(desk.score, keys=(parse_key("D minor"),), chords=chords), "Lay chords", "arranged")
    knobs = desk.pane.knobs
    knobs.set_values(knobs.values().changed(hold_key=True, hold_chords=True))
    desk.set_range((4, 7))


def _ask(desk: "PieceDesk", wiring: "Wiring", task: str) -> None:
    """Ask, and wait for the takes."""
    desk.pane.prompt.task_wanted.emit(task)
    wiring.window.actions_by_id["take.propose"].trigger()
    wait(lambda: desk.running)
    wait(lambda: not desk.running)


def _dialogs(wiring: "Wiring", shoot: Shoot) -> None:
    """Each dialog of the music menu, as it opens."""
    desk = wiring.pieces.need()
    for name, action_id in DIALOGS:
        desk.pane.roll.choose(desk.score.track(desk.track).notes[:12])
        wiring.window.actions_by_id[action_id].trigger()
        QTest.qWait(SETTLE_MS)
        shoot(name)
        for dialog in wiring.window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()
        QTest.qWait(100)
