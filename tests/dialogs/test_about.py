"""The page about the program."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from studio.dialogs.about import AboutDialog


def test_it_names_the_version_the_licence_and_where_words_go(qtbot: QtBot) -> None:
    dialog = AboutDialog("1.2.3")
    qtbot.addWidget(dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Atelier 1.2.3" in words and "Apache License 2.0" in words
    assert "Nothing you write is sent anywhere" in words
    assert any(not label.pixmap().isNull() for label in dialog.findChildren(QLabel))


def test_it_can_be_closed_by_its_button(qtbot: QtBot) -> None:
    dialog = AboutDialog("1.2.3")
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.isVisible()
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    buttons.button(QDialogButtonBox.StandardButton.Close).click()
    assert not dialog.isVisible() and dialog.result() == QDialog.DialogCode.Rejected.value
