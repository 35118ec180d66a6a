"""What is asked of the model: the button, its menu, and what is grey."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.panes.text.prompt_box import PromptBox, ProposeValues
from studio.widgets.act_menu import ActChoice, ActMenu
from studio.widgets.heat_legend import HeatLegend, explained

ACTS = (
    ActChoice(act="continue", title="Continue", selects=False),
    ActChoice(act="rewrite", title="Rewrite"),
    ActChoice(act="shorten", title="Shorten", why_not="It passed 3 of 20.", short="3 of 20"),
    ActChoice(act="tone", title="Change tone"),
    ActChoice(act="instruct", title="Instruction…"),
)


@pytest.fixture
def acts(qtbot: QtBot) -> ActMenu:
    menu = ActMenu()
    qtbot.addWidget(menu)
    menu.set_acts(ACTS, ("calm", "wild"))
    return menu


def lines(menu: QMenu) -> dict[str, bool]:
    return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}


def test_entries_that_cannot_be_asked_are_grey_and_say_why(acts: ActMenu, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    menu = acts.menu_of_acts(parent, lambda _act, _tone: None, go_on=True)
    assert lines(menu) == {
        "Continue": True,
        "Rewrite    (select a passage first)": False,
        "Shorten    (3 of 20)": False,
        "Change tone    (select a passage first)": False,
        "Instruction…    (select a passage first)": False,
        "Check what this model can do": True,
    }
    acts.set_selected(12)
    menu = acts.menu_of_acts(parent, lambda _act, _tone: None)
    assert [text for text, on in lines(menu).items() if on] == [
        "Rewrite", "Change tone", "Instruction…", "Check what this model can do",
    ]  # fmt: skip
    shorten = next(action for action in menu.actions() if action.text().startswith("Shorten"))
    assert shorten.toolTip() == "It passed 3 of 20."


def test_choices_are_told_with_their_tone(acts: ActMenu, qtbot: QtBot) -> None:
    parent, said = QWidget(), []
    qtbot.addWidget(parent)
    acts.set_selected(12)
    menu = acts.menu_of_acts(parent, lambda act, tone: said.append((act, tone)))
    tones = next(action.menu() for action in menu.actions() if action.text() == "Change tone")
    assert list(lines(tones)) == ["calm", "wild", "Another…", "Edit this list…"]
    for action in (*menu.actions()[:1], *tones.actions()[1:2]):
        action.trigger()
    assert said == [("rewrite", ""), ("tone", "wild")]


def test_without_a_selection_it_is_continue_again(acts: ActMenu) -> None:
    acts.choose("rewrite")
    assert acts.act() == "continue"
    acts.set_selected(12)
    acts.choose("rewrite")
    assert (acts.act(), acts.text()) == ("rewrite", "Rewrite") and "12 characters" in acts.toolTip()
    acts.choose("shorten")
    assert acts.act() == "continue"
    acts.choose("rewrite")
    assert not acts.set_selected(20) and acts.set_selected(0)
    assert acts.act() == "continue"


def test_an_act_the_model_lost_is_let_go(acts: ActMenu) -> None:
    acts.set_selected(12)
    acts.choose("rewrite")
    acts.set_acts((ACTS[0], ActChoice(act="rewrite", title="Rewrite", why_not="Not this one.")))
    assert acts.act() == "continue"


def test_a_running_check_says_so_in_its_entry(acts: ActMenu, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    acts.set_checking("Checking: 40 %")
    assert lines(acts.menu_of_acts(parent, lambda _act, _tone: None))["Checking: 40 %"] is False


def test_the_boxs_own_line_shows_only_for_acts_that_take_words(qtbot: QtBot) -> None:
    box = PromptBox()
    qtbot.addWidget(box)
    box.show()
    box.set_acts(ACTS, ())
    box.set_selected(12)
    assert not box.instruction.isVisible()
    box.choose_act("instruct")
    assert box.instruction.isVisible() and "passage" in box.instruction.placeholderText()
    QTest.keyClicks(box.instruction, "as a letter")
    with qtbot.waitSignal(box.propose_requested):
        QTest.keyClick(box.instruction, Qt.Key.Key_Return)
    assert (box.values().act, box.values().instruction) == ("instruct", "as a letter")
    box.choose_act("tone", "calm")
    assert box.instruction.text() == "calm"
    box.set_selected(0)
    assert not box.instruction.isVisible() and box.values().act == "continue"
    box.set_values(ProposeValues(instruction="kept"))
    assert box.values().instruction == "kept"


def test_the_legend_explains_every_colour(qtbot: QtBot) -> None:
    legend = HeatLegend()
    qtbot.addWidget(legend)
    legend.resize(600, 24)
    assert len(explained()) == 5
    assert not legend.grab().isNull() and legend.minimumSizeHint().width() < 640
