"""The queue, messages, progress."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.widgets.icons import IconButton
from studio.widgets.message_bar import MessageBar
from studio.widgets.progress_line import ProgressLine
from studio.widgets.queue_view import QueueRow, QueueView, _Card


def press(card: _Card, tip: str) -> None:
    button = next(b for b in card.findChildren(IconButton) if b.toolTip().startswith(tip))
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def queue_of(qtbot: QtBot) -> QueueView:
    view = QueueView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.set_jobs(
        [
            QueueRow(id="run", title="Continue", state="running", progress=0.5, rate="200 tokens/s"),
            QueueRow(id="wait", title="Continue", state="waiting"),
            QueueRow(id="bad", title="Continue", state="failed", detail="The file is truncated."),
        ]
    )
    with qtbot.waitExposed(view):
        view.show()
    return view


def test_each_button_names_its_job(qtbot: QtBot) -> None:
    view = queue_of(qtbot)
    with qtbot.waitSignal(view.cancel_requested) as said:
        press(view._cards["run"], "Cancel")
    assert said.args == ["run"]
    with qtbot.waitSignal(view.move_requested) as said:
        press(view._cards["wait"], "Sooner")
    assert said.args == ["wait", -1]
    with qtbot.waitSignal(view.retry_requested) as said:
        press(view._cards["bad"], "Try again")
    assert said.args == ["bad"]


def test_rows_keep_their_widgets_and_follow_the_order(qtbot: QtBot) -> None:
    view = queue_of(qtbot)
    kept = view._cards["wait"]
    view.set_jobs(
        [
            QueueRow(id="wait", title="Continue", state="running"),
            QueueRow(id="new", title="N", state="waiting"),
        ]
    )
    assert view._cards["wait"] is kept
    assert set(view._cards) == {"wait", "new"}
    view.update_job(QueueRow(id="wait", title="Continue", state="done"))
    assert kept.state.text() == "done"
    assert not kept.stop.isVisible()
    view.update_job(QueueRow(id="last", title="L", state="waiting"))
    order = sorted(view._cards, key=lambda job: view._column.indexOf(view._cards[job]))
    assert order == ["wait", "new", "last"]


def test_an_empty_queue_says_what_it_is_for(qtbot: QtBot) -> None:
    view = queue_of(qtbot)
    view.set_jobs([])
    assert view._empty.isVisible()


def test_an_error_says_what_was_kept_and_what_to_do(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_error(StudioError("The disk is full.", kept="Your text is safe.", do="Make room."), "ENOSPC")
    assert bar.accessibleName() == "The disk is full. Your text is safe. Make room."
    details = bar.findChild(QPlainTextEdit)
    assert isinstance(details, QPlainTextEdit)
    assert details.isHidden()
    QTest.mouseClick(
        next(b for b in bar.findChildren(QPushButton) if b.text() == "Details"), Qt.MouseButton.LeftButton
    )
    assert details.isVisible()
    assert details.toPlainText() == "ENOSPC"
    with qtbot.waitSignal(bar.closed):
        QTest.mouseClick(
            next(b for b in bar.findChildren(IconButton) if "Close" in b.toolTip()), Qt.MouseButton.LeftButton
        )
    assert bar.isHidden()


def test_an_offered_action_is_told(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_message("Saved a copy.", tone="success", action="Show it")
    with qtbot.waitSignal(bar.acted):
        QTest.mouseClick(
            next(b for b in bar.findChildren(QPushButton) if b.text() == "Show it"), Qt.MouseButton.LeftButton
        )


def test_progress_paints_as_much_as_is_done(qtbot: QtBot) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.resize(100, 3)

    def inked() -> int:
        image = line.grab().toImage()
        return sum(image.pixelColor(x, 1) == image.pixelColor(2, 1) for x in range(100))

    line.set_progress(0.3)
    assert 25 <= inked() <= 35
    line.set_progress(0.8)
    assert 75 <= inked() <= 85
