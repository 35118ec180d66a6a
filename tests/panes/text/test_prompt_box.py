"""What is asked of the model."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.jobs import Sampling
from studio.panes.text.prompt_box import PromptBox, ProposeValues
from studio.widgets.icons import IconButton
from studio.widgets.model_menu import ModelChoice

MODELS = [
    ModelChoice(path="/story", title="Story"),
    ModelChoice(path="/bad", title="Bad", usable=False, why_not="its weights are a pickle"),
    ModelChoice(path="/big", title="Big"),
]


def box_of(qtbot: QtBot) -> PromptBox:
    box = PromptBox()
    qtbot.addWidget(box)
    box.set_models(MODELS)
    return box


def the_button(box: PromptBox) -> QPushButton:
    return next(b for b in box.findChildren(QPushButton) if b.text() in ("Propose", "Stop"))


def test_values_go_in_and_come_out(qtbot: QtBot) -> None:
    box = box_of(qtbot)
    wanted = ProposeValues(
        note="Mira is ten",
        model="/big",
        takes=5,
        tokens=120,
        seed=42,
        sampling=Sampling(temperature=1.1, top_k=40),
    )
    with qtbot.assertNotEmitted(box.changed):
        box.set_values(wanted)
    assert box.values() == wanted
    box.set_values(ProposeValues(model="/story"))
    assert box.values() == ProposeValues(model="/story")


def test_typing_a_note_and_a_seed_changes_the_values(qtbot: QtBot) -> None:
    box = box_of(qtbot)
    with qtbot.waitSignal(box.changed):
        QTest.keyClicks(box.note, "Rain")
    seed = next(field for field in box.findChildren(QLineEdit) if field.accessibleName() == "Seed")
    QTest.keyClicks(seed, "12x3")
    assert box.values().note == "Rain"
    assert box.values().seed == 123


def test_the_last_seed_can_be_kept(qtbot: QtBot) -> None:
    box = box_of(qtbot)
    box.show_seed(99)
    assert box.values().seed is None
    lock = next(b for b in box.findChildren(IconButton) if b.isCheckable())
    QTest.mouseClick(lock, Qt.MouseButton.LeftButton)
    assert box.values().seed == 99
    QTest.mouseClick(lock, Qt.MouseButton.LeftButton)
    assert box.values().seed is None


def test_unusable_models_are_grey_with_the_reason_and_adding_is_offered(qtbot: QtBot) -> None:
    box = box_of(qtbot)
    menu = box.findChild(QComboBox)
    assert isinstance(menu, QComboBox)
    assert "pickle" in menu.itemText(1)
    assert not menu.model().flags(menu.model().index(1, 0)) & Qt.ItemFlag.ItemIsEnabled
    with qtbot.waitSignal(box.model_chosen) as said:
        menu.setCurrentIndex(2)
        menu.activated.emit(2)
    assert said.args == ["/big"]
    with qtbot.waitSignal(box.add_model_requested):
        menu.setCurrentIndex(3)
        menu.activated.emit(3)
    assert box.values().model == "/big"
    assert menu.currentText() == "Big"


def test_a_chosen_model_that_goes_gives_way_to_a_usable_one(qtbot: QtBot) -> None:
    box = box_of(qtbot)
    box.set_models(MODELS, "/big")
    assert box.values().model == "/big"
    box.set_models(MODELS[:2])
    assert box.values().model == "/story"
    box.set_models([])
    assert box.values().model == ""


def test_a_notice_blocks_nothing_and_a_block_says_why(qtbot: QtBot) -> None:
    box = box_of(qtbot)
    box.set_notice("Loading the story model…")
    with qtbot.waitSignal(box.propose_requested):
        QTest.mouseClick(the_button(box), Qt.MouseButton.LeftButton)
    box.set_blocked("No model yet: add a model folder.")
    assert not the_button(box).isEnabled()
    assert box.notice.text() == "No model yet: add a model folder."
    box.set_running(True)
    with qtbot.waitSignal(box.stop_requested):
        QTest.mouseClick(the_button(box), Qt.MouseButton.LeftButton)
    box.set_running(False)
    box.set_blocked("")
    assert the_button(box).isEnabled()


def test_the_box_fits_a_narrow_pane(qtbot: QtBot) -> None:
    assert box_of(qtbot).minimumSizeHint().width() <= 640


def test_the_note_grows_to_three_lines(qtbot: QtBot) -> None:
    box = box_of(qtbot)
    box.resize(700, 200)
    heights = []
    for text in ("one", "one\ntwo", "one\ntwo\nthree", "1\n2\n3\n4\n5"):
        box.note.setPlainText(text)
        heights.append(box.note.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]
