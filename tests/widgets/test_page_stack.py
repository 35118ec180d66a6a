"""A stack of pages is as narrow as the page that is shown."""

from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.widgets.page_stack import PageStack


def test_a_wide_page_that_is_not_shown_takes_no_room(qtbot: QtBot) -> None:
    window, stack = QWidget(), PageStack()
    qtbot.addWidget(window)
    QHBoxLayout(window).addWidget(stack)
    narrow, wide = QWidget(), QWidget()
    narrow.setMinimumWidth(100)
    wide.setMinimumWidth(700)
    for page in (narrow, wide):
        stack.addWidget(page)
    window.resize(400, 100)
    window.show()
    assert stack.width() < 400
    stack.setCurrentWidget(wide)
    qtbot.waitUntil(lambda: stack.width() >= 700)
    stack.setCurrentWidget(narrow)
    qtbot.waitUntil(lambda: window.minimumSizeHint().width() < 200)
    window.resize(300, 100)
    qtbot.waitUntil(lambda: stack.width() < 300)
