"""Light and dark on the real application object."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from studio.app.theme import Theme, apply_theme, sheet_of
from studio.widgets.tones import Scheme, current_tones, load_tones


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    before = (qapp.palette(), qapp.styleSheet(), qapp.font())
    _undress(qapp)  # of a test before this one; other tests change the tones alone behind its back
    yield qapp
    _undress(qapp)
    qapp.setStyleSheet(before[1])
    qapp.setPalette(before[0])
    qapp.setFont(before[2])


def _undress(qapp: QApplication) -> None:
    theme = qapp.findChild(Theme)
    if theme is not None:
        theme.setParent(None)
        theme.deleteLater()


def test_a_scheme_dresses_everything_and_can_be_changed(app: QApplication, qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    for scheme in ("dark", "light"):
        apply_theme(app, scheme)
        tones = load_tones(scheme)
        assert current_tones() == tones
        assert app.palette().color(QPalette.ColorRole.Window).name() == tones.background
        assert tones.accent in app.styleSheet()
        assert field.grab().toImage().pixelColor(20, field.height() // 2).name() == tones.surface
    assert len(app.findChildren(Theme)) == 1


def test_system_follows_the_system(app: QApplication) -> None:
    apply_theme(app, "system")
    theme = app.findChild(Theme)
    assert theme is not None
    dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert theme.scheme() == ("dark" if dark else "light")
    apply_theme(app, "dark")
    app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert current_tones().scheme == "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sheet_names_only_tones_and_files_that_exist(scheme: Scheme) -> None:
    assert "$" not in sheet_of(load_tones(scheme))
