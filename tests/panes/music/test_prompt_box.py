"""The music pane's prompt box: task and sentence, knobs in reach, models, takes, propose and stop; nothing cut off."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.app.theme import apply_theme
from studio.core.piece_settings import PieceSettings
from studio.core.pieces import TASKS, Task
from studio.media.music.asking import TIPS, TITLES
from studio.panes.music.prompt_box import PiecePromptBox
from studio.panes.music.task_menu import TaskChoice
from studio.widgets.model_menu import ModelChoice
from studio.widgets.piece_knobs_key import KeyFacts

WIDE_PX = 728  # the middle of a small window, less the pane's margins


@pytest.fixture
def box(qtbot: QtBot) -> PiecePromptBox:
    box = PiecePromptBox()
    qtbot.addWidget(box)
    box.show()
    offer(box, "continue")
    return box


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    """With the style sheet of the window."""
    apply_theme(qapp, "light")
    yield qapp
    qapp.setStyleSheet("")


def offer(box: PiecePromptBox, task: Task, **why_not: str) -> None:
    box.show_tasks(
        task,
        [TaskChoice(task=t, title=TITLES[t], tip=TIPS[t], why_not=why_not.get(t, "")) for t in TASKS],
    )


def propose(box: PiecePromptBox) -> QPushButton:
    return next(b for b in box.findChildren(QPushButton) if b.text() in ("Propose", "Stop"))


def test_the_button_proposes_says_what_and_stops_while_something_runs(
    box: PiecePromptBox, qtbot: QtBot
) -> None:
    box.show_asking("Infill bars 5–8 of Piano", "bars 5–8 of Piano")
    assert propose(box).toolTip() == "Infill bars 5–8 of Piano (Ctrl+Return)"
    assert box.sentence.text() == "bars 5–8 of Piano" and box.sentence.toolTip() == "Infill bars 5–8 of Piano"
    with qtbot.waitSignal(box.propose_requested):
        propose(box).click()
    box.set_running(True)
    assert propose(box).text() == "Stop" and box.is_running()
    with qtbot.waitSignal(box.stop_requested):
        propose(box).click()


def test_a_reason_greys_the_button_and_stands_in_place_of_the_sentence_but_never_hides_stop(
    box: PiecePromptBox,
) -> None:
    box.set_notice("Loaded in 2 s.")
    box.show_asking("Harmonise all of Piano", "all of Piano", "There is no melody.")
    assert not propose(box).isEnabled() and box.sentence.text() == "There is no melody."
    assert box.sentence.property("role") == "warning" and box.notice.text() == "Loaded in 2 s."
    box.set_running(True)
    assert propose(box).isEnabled() and box.sentence.text() == "all of Piano"
    box.set_running(False)
    box.set_blocked("No model.")
    assert box.sentence.text() == "No model.", "without a model nothing else matters"
    box.set_blocked("")
    box.show_asking("Continue with 8 bars", "from the start")
    assert propose(box).isEnabled() and box.sentence.text() == "from the start"
    assert box.sentence.property("role") == ""
    box.set_notice("")
    assert "Ctrl+Return" in box.notice.text()


def test_tasks_are_chosen_and_grey_ones_say_why(box: PiecePromptBox, qtbot: QtBot) -> None:
    offer(box, "infill", drums="It never saw any.")
    assert box.task.text() == "Infill" and "Infill" in box.task.accessibleName()
    assert box.task.offered() == {
        title: ("It never saw any." if t == "drums" else "") for t, title in TITLES.items()
    }
    with qtbot.waitSignal(box.task_wanted) as wanted:
        next(line for line in box.task.menu().actions() if line.text() == "Vary").trigger()
    assert wanted.args == ["vary"]
    assert [line.text() for line in box.task.menu().actions() if line.isChecked()] == ["Vary"]
    offer(box, "infill", drums="It never saw any.")
    assert [line.text() for line in box.task.menu().actions() if line.isChecked()] == ["Infill"]


def test_the_fields_of_the_task_show_and_no_others(box: PiecePromptBox) -> None:
    shown = {}
    for task in TASKS:
        box.show_settings(PieceSettings(task=task))
        box.show_asking("", "", counts_bars=task == "continue")
        fields = {"bars": box.bars, "amount": box.amount, "instrument": box.instrument}
        shown[task] = [name for name, field in fields.items() if field.isVisible()]
    assert shown == {
        "continue": ["bars"], "infill": [], "vary": ["amount"], "harmonise": ["instrument"], "add": ["instrument"],
        "drums": [],
    }  # fmt: skip


def test_what_is_turned_here_is_said_over_the_other_knobs(box: PiecePromptBox, qtbot: QtBot) -> None:
    base = PieceSettings(temperature=0.7, amount=0.333, seed=5, task="vary")
    box.show_settings(base)
    assert box.settings(base) == base, "a share that shows rounded is not rounded"
    turns: tuple[Callable[[], object], ...] = (
        lambda: box.bars.setValue(12),
        lambda: box.amount.setValue(40),
        lambda: box.set_takes(1),
        box.chords.click,
        lambda: instrument(box, "Strings", "Cello"),
        lambda: key(box, "Minor", "D minor"),
    )
    for turn in turns:
        with qtbot.waitSignal(box.changed):
            turn()
    assert box.settings(base) == base.changed(
        bars=12, amount=0.4, takes=1, hold_chords=True, program=42, hold_key=True, key="D minor"
    )
    assert box._takes.text() == "1 take"


def submenu(menu: QMenu, title: str) -> QMenu:
    """A menu of a menu."""
    found = next(line.menu() for line in menu.actions() if line.text() == title)
    assert isinstance(found, QMenu)
    return found


def instrument(box: PiecePromptBox, family: str, name: str) -> None:
    menu = submenu(box.instrument.fill(), family)
    next(line for line in menu.actions() if line.text() == name).trigger()


def key(box: PiecePromptBox, mode: str, name: str) -> None:
    box.key.offered()
    next(line for line in submenu(box.key.menu(), mode).actions() if line.text() == name).trigger()


def test_showing_knobs_tells_no_change(box: PiecePromptBox, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(box.changed):
        box.show_settings(
            PieceSettings(bars=3, amount=0.1, takes=7, hold_key=True, hold_chords=True, program=9)
        )
    assert (box.bars.value(), box.takes(), box.chords.isChecked()) == (3, 7, True)


def test_the_drum_kit_among_the_instruments_is_a_task_of_its_own(box: PiecePromptBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(box.task_wanted) as wanted, qtbot.assertNotEmitted(box.changed):
        box.instrument.fill().actions()[0].trigger()
    assert wanted.args == ["drums"]


def test_models_are_chosen_and_a_folder_can_be_added(box: PiecePromptBox, qtbot: QtBot) -> None:
    box.set_models([ModelChoice(path="/a", title="A"), ModelChoice(path="/b", title="B")], "/a")
    menu = next(combo for combo in box.findChildren(QComboBox))
    with qtbot.waitSignal(box.model_chosen) as chosen:
        menu.activated.emit(1)
    assert chosen.args == ["/b"] and box.model() == "/b"
    with qtbot.waitSignal(box.add_model_requested) as wanted:
        menu.activated.emit(menu.count() - 1)
    assert wanted.args == ["folder"]


@pytest.mark.parametrize("task", TASKS)
def test_nothing_is_cut_off_in_a_small_window(box: PiecePromptBox, themed: QApplication, task: Task) -> None:
    longest = PieceSettings(
        task=task, hold_key=True, key="F# minor", program=24, takes=8, bars=64, amount=1.0
    )
    box.set_models([ModelChoice(path="/a", title="Starter music model")], "/a")
    offer(box, task)
    box.show_settings(longest)
    box.show_asking("", "bars 117–132 of Violin I, Violin II and 3 more", counts_bars=task == "continue")
    box.resize(WIDE_PX, box.sizeHint().height())
    themed.processEvents()
    assert box.minimumSizeHint().width() <= WIDE_PX
    rows: dict[int, list[QWidget]] = {}
    for widget in box.findChildren(QWidget):
        if widget.parent() is box and widget.isVisible():
            assert widget.width() >= min(widget.sizeHint().width(), widget.maximumWidth()), (
                widget.accessibleName()
            )
            assert box.rect().contains(widget.geometry())
            rows.setdefault(widget.geometry().center().y() // 30, []).append(widget)
    for row in rows.values():
        row.sort(key=lambda widget: widget.x())
        assert all(left.geometry().right() < right.x() for left, right in pairwise(row))
    sentence = box.sentence
    assert sentence.fontMetrics().horizontalAdvance(sentence.text()) <= sentence.width()


# -- the key's menu ----------------------------------------------------------------------------------


def test_the_key_menu_offers_the_pieces_key_and_the_one_its_notes_are_in(
    box: PiecePromptBox, qtbot: QtBot
) -> None:
    box.key_menu_opened.connect(lambda: box.show_key_facts(KeyFacts("", "G major")))
    offered = box.key.offered()
    assert "no key" in offered["The piece's key"], "it is grey and says what to do"
    assert offered["As its notes are: G major"] == "" == offered["Free: any note"]
    next(line for line in box.key.menu().actions() if "G major" in line.text()).trigger()
    assert box.settings(PieceSettings()).key == "G major" and box.key.isChecked()
    assert box.key.text() == "Key: G major"


def test_the_pieces_own_key_is_held_by_its_name(box: PiecePromptBox) -> None:
    box.show_key_facts(KeyFacts("Eb major", "Eb major"))
    assert list(box.key.offered()) == ["Free: any note", "The piece's key: Eb major"]
    box.key.menu().actions()[1].trigger()
    said = box.settings(PieceSettings())
    assert (said.hold_key, said.key, box.key.text()) == (True, "", "Key: Eb major")
    box.key.offered()
    box.key.menu().actions()[0].trigger()
    assert not box.settings(PieceSettings()).hold_key and box.key.text() == "Key: free"
    assert not box.key.isChecked()


def test_a_scale_is_held_in_the_key_there_is(box: PiecePromptBox) -> None:
    box.show_key_facts(KeyFacts("", "D minor"))
    box.key.offered()
    scales = submenu(box.key.menu(), "Scale")
    assert len([line for line in scales.actions() if line.text()]) == 16
    next(line for line in scales.actions() if line.text() == "Dorian").trigger()
    said = box.settings(PieceSettings())
    assert (said.hold_key, said.key, said.scale) == (True, "D minor", "dorian")
    assert "dorian" in box.key.accessibleName()
