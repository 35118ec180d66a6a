"""Which model is chosen at start, and what becomes of folders that can't be used."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from pytestqt.qtbot import QtBot

from studio.app.models_desk import CHOSEN, STARTER_TITLE, ModelsDesk
from studio.app.places import Places
from studio.app.settings import Settings
from studio.panes.text.prompt_box import PromptBox
from tests.app.conftest import Scripted
from tests.catalog.llama_folder import write_folder


class Asked(QObject):
    """An engine that notes which models it is to load."""

    worker_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []

    def start_worker(self, model: str) -> None:
        self.loads.append(model)


class Desk:
    """A models desk on a prompt box, with a list of added folders."""

    def __init__(self, qtbot: QtBot, home: Path) -> None:
        self.places = Places(data=home)
        self.settings = Settings(self.places)
        self.engine = Asked()
        self.prompt = PromptBox()
        qtbot.addWidget(self.prompt)
        self.desk = ModelsDesk(self.prompt, self.settings, self.places, self.engine, self.prompt)

    def lists(self, *folders: Path) -> None:
        """Add folders without checking them."""
        self.desk._catalog._save([folder.resolve() for folder in folders])

    def menu(self) -> list[tuple[str, bool]]:
        """The model menu's lines and whether they can be chosen."""
        items = self.prompt._models.model()
        return [
            (items.index(row, 0).data(), bool(items.flags(items.index(row, 0)) & Qt.ItemFlag.ItemIsEnabled))
            for row in range(items.rowCount() - 1)
        ]

    @property
    def chosen(self) -> str:
        return self.prompt.values().model


@pytest.fixture
def fresh(qtbot: QtBot, own_home: Path, starter: Path) -> Callable[[], Desk]:
    return lambda: Desk(qtbot, own_home)


def test_at_the_first_launch_the_starter_is_chosen_and_loaded(
    fresh: Callable[[], Desk], starter: Path
) -> None:
    at = fresh()
    assert at.desk.show() == "", "nothing was chosen, so nothing is missed"
    assert at.chosen == str(starter) and at.menu() == [(STARTER_TITLE, True)]
    assert at.engine.loads == []
    at.desk.start()
    assert at.engine.loads == [str(starter)]
    assert at.desk.why_not(str(starter)) == ""
    assert at.desk.titles() == {str(starter): STARTER_TITLE}


def test_the_model_chosen_last_is_chosen_again(fresh: Callable[[], Desk], tmp_path: Path) -> None:
    wolf = write_folder(tmp_path / "wolf").resolve()
    at = fresh()
    at.lists(wolf)
    at.desk.show()
    at.desk.choose(str(wolf))
    assert at.engine.loads == [str(wolf)]
    at.settings.sync()
    again = fresh()
    again.desk.show()
    again.desk.start()
    assert again.chosen == str(wolf) and again.engine.loads == [str(wolf)]
    assert again.desk.titles()[str(wolf)] == "wolf"


def test_a_chosen_model_that_broke_gives_way_to_the_starter_and_says_why(
    fresh: Callable[[], Desk], tmp_path: Path, starter: Path
) -> None:
    wolf = write_folder(tmp_path / "wolf").resolve()
    at = fresh()
    at.lists(wolf)
    at.settings.keep(CHOSEN, str(wolf))
    (wolf / "tokenizer.json").unlink()
    assert "tokenizer.json" in at.desk.show()
    at.desk.start()
    assert at.chosen == str(starter) and at.engine.loads == [str(starter)]
    assert "tokenizer.json" in at.desk.why_not(str(wolf))
    (_, starter_usable), (line, usable) = at.menu()
    assert starter_usable and not usable and "tokenizer.json" in line


def test_a_model_that_is_not_in_the_list_is_named_and_not_chosen(
    fresh: Callable[[], Desk], tmp_path: Path, starter: Path
) -> None:
    at = fresh()
    at.desk.show()
    at.desk.choose(str(tmp_path / "gone"))
    assert at.engine.loads == [] and at.chosen == str(starter)
    assert "gone" in at.desk.why_not(str(tmp_path / "gone"))
    assert at.desk.why_not("") == "No model is chosen."


def test_without_any_usable_model_the_box_says_so_and_nothing_is_loaded(
    fresh: Callable[[], Desk], starter: Path
) -> None:
    (starter / "config.json").write_text("{")
    at = fresh()
    blocked: list[str] = []
    at.prompt.set_blocked = blocked.append
    at.desk.show()
    at.desk.start()
    assert at.engine.loads == [] and at.chosen == ""
    assert len(blocked) == 1 and "add a model folder" in blocked[0].lower()


def test_adding_a_broken_folder_tells_why_and_leaves_list_and_choice_alone(
    person: Scripted, tmp_path: Path, starter: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{")
    person.waits_for(person.wiring.models.add(broken))
    assert "broken" in person.told
    assert person.pane.prompt.values().model == str(starter)
    assert list(person.wiring.models.titles()) == [str(starter)]
    assert not person.wiring.places.models_file.exists()


def test_adding_a_good_folder_chooses_it_for_good(person: Scripted, tmp_path: Path) -> None:
    wolf = write_folder(tmp_path / "wolf").resolve()
    person.waits_for(person.wiring.models.add(wolf))
    assert person.told == ""
    assert person.pane.prompt.values().model == str(wolf)
    assert person.wiring.settings.text(CHOSEN) == str(wolf)
    assert str(wolf) in person.wiring.models.titles()
