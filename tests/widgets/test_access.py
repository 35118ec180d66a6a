"""Everything that takes the keyboard has a name and a tip for those who cannot see it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.dialogs.removed import RemovedDialog, RemovedWork
from studio.dialogs.search_project import SearchDialog
from studio.panes.text.pane import TextPane
from studio.widgets.command_palette import CommandPalette
from studio.widgets.context_view import ContextView
from studio.widgets.find_bar import FindBar
from studio.widgets.find_results import FindResults
from studio.widgets.gallery_view import GalleryView
from studio.widgets.lineage_view import LineageView
from studio.widgets.lore_panel import LorePanel
from studio.widgets.message_bar import MessageBar
from studio.widgets.picture_body import PictureTakeBody
from studio.widgets.picture_compare import PictureCompare
from studio.widgets.picture_details import PictureDetails
from studio.widgets.picture_grid import PictureGrid
from studio.widgets.queue_view import QueueRow, QueueView
from studio.widgets.scene_card import SceneCard
from studio.widgets.take_strip import TakeStrip
from studio.widgets.works_list import WorksList
from tests.widgets.makers import take
from tests.widgets.picture_makers import picture_take

CONTROLS = (QAbstractButton, QAbstractScrollArea, QAbstractSpinBox, QComboBox, QLineEdit)


def full_pane() -> QWidget:
    pane = TextPane()
    pane.show_takes([take("a", "one"), take("b", status="streaming")])
    return pane


def full_queue() -> QWidget:
    view = QueueView()
    view.set_jobs([QueueRow(id="a", title="Continue", state="waiting")])
    return view


def full_message() -> QWidget:
    bar = MessageBar()
    bar.show_message("What", details="details", action="Do it")
    return bar


def full_removed() -> QWidget:
    return RemovedDialog([RemovedWork(id="a", kind="scene", title="One")])


def full_pictures() -> QWidget:
    strip = TakeStrip(body_factory=PictureTakeBody)
    strip.show_takes([picture_take("a"), picture_take("b", "streaming")])
    return strip


def full_grid() -> QWidget:
    grid = PictureGrid()
    grid.show_takes([picture_take("a"), picture_take("b", "streaming")])
    return grid


def full_details() -> QWidget:
    details = PictureDetails()
    details.show_take(picture_take("a"))
    return details


def is_in_combo(control: QWidget) -> bool:
    """A combo box speaks for its own list."""
    parent = control.parentWidget()
    return isinstance(parent, QComboBox) or (parent is not None and is_in_combo(parent))


@pytest.mark.parametrize(
    "make",
    [
        full_pane,
        full_queue,
        full_message,
        LineageView,
        WorksList,
        CommandPalette,
        LorePanel,
        ContextView,
        SearchDialog,
        FindBar,
        FindResults,
        SceneCard,
        full_removed,
        full_pictures,
        full_grid,
        full_details,
        PictureCompare,
        GalleryView,
    ],
    ids=lambda make: make.__name__,
)
def test_every_control_has_a_name(make: Callable[[], QWidget], qtbot: QtBot) -> None:
    widget = make()
    qtbot.addWidget(widget)
    nameless = [
        f"{type(control).__name__} {control.objectName()} in {type(control.parentWidget()).__name__}"
        for control in widget.findChildren(QWidget)
        if isinstance(control, CONTROLS)
        and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not control.objectName().startswith("qt_")
        and not isinstance(control.parentWidget(), QAbstractSpinBox)
        and not is_in_combo(control)
        and not control.accessibleName()
    ]
    assert nameless == []


def test_every_button_of_the_pane_has_a_tip(qtbot: QtBot) -> None:
    pane = full_pane()
    qtbot.addWidget(pane)
    assert [
        b for b in pane.findChildren(QAbstractButton) if not b.toolTip() and b.objectName()[:3] != "qt_"
    ] == []
