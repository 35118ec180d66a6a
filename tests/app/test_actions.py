"""The registry: unique ids and keys, every action does something, own keys are kept."""

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.app.action_specs import SPECS
from studio.app.actions import Actions
from studio.app.places import Places
from studio.app.settings import Settings
from studio.app.window import MENUS, TOOLBAR
from tests.app.conftest import Scripted

IDS = [spec.id for spec in SPECS]


@pytest.fixture
def settings(own_home: Path) -> Settings:
    return Settings(Places(data=own_home))


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_every_id_is_unique_and_has_a_group() -> None:
    assert [name for name, count in Counter(IDS).items() if count > 1] == []
    assert all(group and name for group, _, name in (action.partition(".") for action in IDS))


def test_no_two_actions_share_keys_and_all_keys_are_keys() -> None:
    keys = [(spec.where, QKeySequence(text).toString()) for spec in SPECS for text in spec.keys]
    assert all(text for _, text in keys)
    for where in ("canvas", "roll"):  # the two never have the keyboard together
        heard = Counter(text for there, text in keys if there in ("window", where))
        assert [text for text, count in heard.items() if count > 1] == []


def test_menus_and_toolbar_name_actions_that_exist_and_every_action_is_in_a_menu() -> None:
    in_menus = [action for _, ids in MENUS for action in ids if action]
    assert set(in_menus) == set(IDS) and len(in_menus) == len(set(in_menus))
    assert {action for action in TOOLBAR if action.strip()} <= set(IDS)


def test_every_action_is_connected(person: Scripted) -> None:
    actions = person.window.actions_by_id
    lazy = [
        spec.id
        for spec in SPECS
        if not actions[spec.id].receivers(SIGNAL("toggled(bool)" if spec.checkable else "triggered(bool)"))
    ]
    assert lazy == []


def test_own_keys_replace_all_of_the_default_ones_and_persist(
    settings: Settings, parent: QWidget, own_home: Path
) -> None:
    Actions(settings, parent).set_shortcut("edit.redo", "F2")
    settings.sync()
    again = Actions(Settings(Places(data=own_home)), parent)
    assert [keys.toString() for keys in again["edit.redo"].shortcuts()] == ["F2"]
    assert again.shortcuts()["edit.redo"] == ("Redo", ("F2",))
    assert again.shortcuts()["edit.undo"] == ("Undo", ("Ctrl+Z",))


def test_keys_can_be_taken_away_and_given_back(settings: Settings, parent: QWidget) -> None:
    actions = Actions(settings, parent)
    actions.set_shortcut("edit.redo", "")
    assert actions["edit.redo"].shortcuts() == []
    assert Actions(settings, parent)["edit.redo"].shortcuts() == []
    actions.set_shortcut("edit.redo", None)
    assert [keys.toString() for keys in actions["edit.redo"].shortcuts()] == ["Ctrl+Shift+Z", "Ctrl+Y"]
    assert len(Actions(settings, parent)["edit.redo"].shortcuts()) == 2


def test_palette_has_every_action_but_itself_as_it_stands(settings: Settings, parent: QWidget) -> None:
    actions = Actions(settings, parent)
    actions["take.accept"].setEnabled(False)
    actions.set_shortcut("file.open", "Ctrl+Alt+O")
    entries = {entry.id: entry for entry in actions.palette()}
    assert set(entries) == set(IDS) - {"tools.palette"}
    opening = entries["file.open"]
    assert (opening.title, opening.shortcut, opening.group) == ("Open project", "Ctrl+Alt+O", "File")
    assert opening.enabled and not entries["take.accept"].enabled


def test_a_slot_is_called_once_and_without_the_check_mark(settings: Settings, parent: QWidget) -> None:
    actions = Actions(settings, parent)
    heard: list[tuple[object, ...]] = []
    actions.on("file.new", lambda *arguments: heard.append(arguments))
    actions["file.new"].trigger()
    assert heard == [()]


def test_the_palette_triggers_what_is_chosen_in_it(person: Scripted) -> None:
    before = person.wiring.text.work
    person.window.palette_box.triggered.emit("work.note")
    assert person.wiring.text.work != before
    assert person.desk.title_of(person.wiring.text.work) == "Note 1"
