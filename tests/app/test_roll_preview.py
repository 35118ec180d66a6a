"""What a dialog lays over the roll while it is open, and what is there again afterwards."""

from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from studio.app.roll_preview import RollPreview, stand_beside
from studio.media.music.score import Note
from tests.widgets.roll.desk import Desk, piece

OLD, NEW, TAKE = Note(0, 60, 480), Note(0, 72, 480), Note(480, 65, 480)


def test_only_what_would_be_other_lies_over_the_notes(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(OLD, TAKE))
    preview = RollPreview(desk.view)
    assert preview.show((NEW, TAKE)) == 1
    assert desk.view.state.take is not None and desk.view.state.take.notes == (NEW,)
    assert preview.show((OLD, TAKE)) == 0
    assert desk.view.state.take is None
    preview.end()
    assert desk.view.state.take is None
    desk.gone()


def test_the_take_that_lay_there_lies_there_again(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(OLD))
    desk.view.set_ghost([TAKE], (0, 960))
    desk.view.set_take_compare(True)
    preview = RollPreview(desk.view)
    preview.show((NEW,))
    assert not desk.view.state.compares
    preview.show((OLD,))
    preview.end()
    state = desk.view.state
    assert state.take is not None
    assert (state.take.notes, state.span, state.compares) == ((TAKE,), (0, 960), True)
    desk.gone()


def test_a_take_that_came_meanwhile_stays(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(OLD))
    desk.view.set_ghost([TAKE])
    preview = RollPreview(desk.view)
    preview.show((NEW,))
    desk.view.set_ghost([TAKE, NEW])
    preview.end()
    assert desk.view.state.take is not None and desk.view.state.take.notes == (NEW, TAKE)
    preview.end()  # nothing is shown: nothing is given back
    assert desk.view.state.take.notes == (NEW, TAKE)
    desk.gone()


def test_a_dialog_stands_beside_the_roll_and_on_the_screen(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(OLD))
    desk.view.resize(300, 300)
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.setFixedSize(200, 100)
    stand_beside(dialog, desk.view)
    room = desk.view.screen().availableGeometry()
    corner = desk.view.mapToGlobal(desk.view.rect().topRight())
    assert (dialog.x(), dialog.y()) == (min(corner.x(), room.right() - 200), corner.y())
    desk.view.move(room.right() - 50, room.bottom() - 20)
    stand_beside(dialog, desk.view)
    assert room.contains(dialog.geometry())
    desk.gone()
