"""The same path with nothing but real keys and mouse clicks in the real window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from studio.widgets.take_card import TakeCard
from tests.flows.conftest import MODEL_WAIT_MS, OPENING, Person

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def press(
    person: Person, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """A key in whatever has the focus."""
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget, key, modifiers)


def click(within: QWidget, name: str) -> None:
    """Click the visible button whose text or accessible name begins so."""
    seen = {
        (b.text() or b.accessibleName()): b for b in within.findChildren(QAbstractButton) if b.isVisible()
    }
    found = next((button for text, button in seen.items() if text.startswith(name)), None)
    assert found is not None and found.isEnabled(), list(seen)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))


def shown_takes(person: Person) -> list[TakeCard]:
    return [
        card
        for card in person.pane.strip.findChildren(TakeCard)
        if card.isVisible() and card.take is not None
    ]


def finished(person: Person) -> None:
    person.sees(lambda: person.wiring.text.running or shown_takes(person), MODEL_WAIT_MS)
    person.sees(lambda: not person.wiring.text.running, MODEL_WAIT_MS)


@pytest.fixture
def focused(person: Person) -> Person:
    person.window.activateWindow()
    person.sees(lambda: QApplication.focusWidget() is person.pane.editor)
    return person


def test_the_whole_path_with_the_keyboard(focused: Person) -> None:
    person = focused
    QTest.keyClicks(QApplication.focusWidget(), OPENING)
    press(person, Qt.Key.Key_Return, CTRL)
    finished(person)
    takes = [card.take for card in shown_takes(person)]
    assert len(takes) == 3
    press(person, Qt.Key.Key_Backspace, CTRL | SHIFT)
    assert person.wiring.text.takes[takes[0].id].verdict == "rejected"
    press(person, Qt.Key.Key_2, ALT)
    assert person.pane.chosen_take() == takes[1].id
    press(person, Qt.Key.Key_Return, CTRL | SHIFT)
    assert person.text == OPENING + takes[1].text
    press(person, Qt.Key.Key_R, CTRL)
    person.sees(lambda: len(person.wiring.text.takes) == 6 and not person.wiring.text.running, MODEL_WAIT_MS)
    person.pane.focus_editor()
    press(person, Qt.Key.Key_Z, CTRL)
    assert person.text == OPENING
    press(person, Qt.Key.Key_Z, CTRL | SHIFT)
    assert person.text == OPENING + takes[1].text
    press(person, Qt.Key.Key_Return, CTRL)
    person.sees(lambda: person.wiring.text.running)
    press(person, Qt.Key.Key_Escape)
    person.sees(lambda: not person.wiring.text.running)
    assert person.text == OPENING + takes[1].text


def test_the_whole_path_with_the_mouse(focused: Person) -> None:
    person = focused
    QTest.keyClicks(QApplication.focusWidget(), OPENING)
    click(person.pane.prompt, "Propose")
    finished(person)
    cards = shown_takes(person)
    takes = [card.take for card in cards]
    click(cards[0], "Reject")
    person.sees(lambda: person.wiring.text.takes[takes[0].id].verdict == "rejected")
    click(cards[2], "Accept")
    assert person.text == OPENING + takes[2].text
    click(cards[0], "Restore")
    person.sees(lambda: person.wiring.text.takes[takes[0].id].verdict is None)


def test_the_palette_finds_and_does(focused: Person) -> None:
    person = focused
    QTest.keyClicks(QApplication.focusWidget(), "A word")
    press(person, Qt.Key.Key_P, CTRL | SHIFT)
    box = person.window.palette_box
    person.sees(box.isVisible)
    QTest.keyClicks(box.findChild(QLineEdit), "new scene")
    QTest.keyClick(box.findChild(QLineEdit), Qt.Key.Key_Return)
    person.sees(lambda: person.text == "")
    assert len(person.wiring.projects.session.reader.works()) == 3


def test_the_lineage_shows_what_happened_and_leads_back(focused: Person) -> None:
    person = focused
    QTest.keyClicks(QApplication.focusWidget(), OPENING)
    takes = person.proposes()
    person.does("take.accept")
    view = person.window.lineage

    def shown() -> bool:
        view.choose(takes[1].id)
        return view.chosen() == takes[1].id

    person.sees(shown)
    click(view, "Work from here")
    assert person.text == OPENING
    assert {card.take.id for card in shown_takes(person)} == {take.id for take in takes}
