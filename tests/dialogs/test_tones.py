"""The list of tones."""

from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from studio.dialogs.tones import TonesDialog


def test_lines_become_tones_each_once(qtbot: QtBot) -> None:
    dialog = TonesDialog(("gentle", "tense"))
    qtbot.addWidget(dialog)
    assert dialog.tones() == ("gentle", "tense")
    dialog.findChild(QPlainTextEdit).setPlainText("  dry \n\ndry\nvery   old\n")
    assert dialog.tones() == ("dry", "very old")
    dialog.findChild(QPlainTextEdit).setPlainText("\n")
    assert dialog.tones() == ()
