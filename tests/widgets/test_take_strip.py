"""Takes side by side: streaming, choosing, deciding, editing."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.media.spans import Run, SpanText
from studio.widgets.take_card import TakeCard
from studio.widgets.take_strip import TakeStrip
from tests.widgets.makers import take

CTRL = Qt.KeyboardModifier.ControlModifier


def strip_of(qtbot: QtBot, *takes: object) -> TakeStrip:
    strip = TakeStrip()
    qtbot.addWidget(strip)
    strip.resize(900, 260)
    strip.show_takes(list(takes))  # type: ignore[arg-type]
    with qtbot.waitExposed(strip):
        strip.show()
    return strip


def cards(strip: TakeStrip) -> list[TakeCard]:
    found = [card for card in strip.findChildren(TakeCard) if not card.isHidden()]
    return sorted(found, key=lambda card: card.x())


def press(card: TakeCard, words: str) -> None:
    button = next(b for b in card.findChildren(QPushButton) if b.text() == words)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_streaming_text_appears_and_the_final_text_replaces_it(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", status="streaming"), take("b", status="streaming"))
    for piece in ("The gate", " stood", " open. And th"):
        strip.append("a", piece)
    strip.append("gone", "nothing happens")
    first = cards(strip)[0]
    assert first.text_body.draft() == SpanText(
        text="The gate stood open. And th", runs=(Run(length=27, author="a"),)
    )
    assert first.body.isReadOnly()  # type: ignore[attr-defined]
    strip.update_take(take("a", "The gate stood open."))
    assert strip.draft("a") == SpanText(text="The gate stood open.", runs=(Run(length=20, author="a"),))
    assert not first.body.isReadOnly()  # type: ignore[attr-defined]


def test_cards_are_equally_wide_and_scroll_when_there_are_many(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, *(take(str(i), "text") for i in range(3)))
    qtbot.waitUntil(lambda: cards(strip)[0].width() > 250)
    widths = {card.width() for card in cards(strip)}
    assert max(widths) - min(widths) <= 1
    strip.show_takes([take(str(i), "text") for i in range(8)])
    qtbot.waitUntil(lambda: len(cards(strip)) == 8 and cards(strip)[7].x() > 900)
    assert min(card.width() for card in cards(strip)) >= 220


def test_buttons_say_which_take(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "one"), take("b", "two"))
    with qtbot.waitSignal(strip.accept_requested) as said:
        press(cards(strip)[1], "Accept")
    assert said.args == ["b"]
    assert strip.chosen() == "b"
    menu = cards(strip)[1].menu()
    next(a for a in menu.actions() if a.text().startswith("Reject with")).trigger()
    QTest.keyClicks(QApplication.focusWidget(), "too dark")
    with qtbot.waitSignal(strip.reject_requested) as said:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert said.args == ["b", "too dark"]


def test_a_verdict_greys_and_offers_to_restore(qtbot: QtBot) -> None:
    strip = strip_of(qtbot)
    strip.show_takes([take("a", "one", verdict="rejected", reason="dull"), take("b", "two")])
    assert strip.chosen() == "b"  # the first that is still open
    strip.choose("a")
    with qtbot.assertNotEmitted(strip.accept_requested):
        strip.accept_chosen()
    with qtbot.waitSignal(strip.restore_requested) as said:
        press(cards(strip)[0], "Restore")
    assert said.args == ["a"]


def test_a_streaming_take_cannot_be_accepted_yet(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "so far", status="streaming"))
    with qtbot.assertNotEmitted(strip.accept_requested):
        strip.accept_chosen()
    strip.update_take(take("a", "so far", status="stopped"))
    with qtbot.waitSignal(strip.accept_requested):
        strip.accept_chosen()


def test_alt_digit_arrows_and_click_choose(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "one"), take("b", "two"), take("c", "three"))
    strip.activateWindow()
    qtbot.waitUntil(strip.isActiveWindow)
    QTest.keyClick(strip, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert strip.chosen() == "c"
    QTest.keyClick(cards(strip)[2], Qt.Key.Key_Left)
    assert strip.chosen() == "b"
    with qtbot.waitSignal(strip.chosen_changed) as said:
        QTest.mouseClick(cards(strip)[0], Qt.MouseButton.LeftButton)
    assert said.args == ["a"]
    strip.choose_next(-1)
    assert strip.chosen() == "c"


def test_an_edit_to_a_take_is_told_before_accept_and_is_mine(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "one"))
    told: list[str] = []
    strip.take_edited.connect(lambda take_id, edit: told.append(f"{take_id} {edit.inserted}"))
    strip.accept_requested.connect(told.append)
    body = cards(strip)[0].body
    QTest.keyClick(body, Qt.Key.Key_End)
    QTest.keyClicks(body, " more")
    strip.accept_chosen()
    assert told == ["a  more", "a"]
    assert strip.draft("a") == SpanText(text="one more", runs=(Run(length=3, author="a"), Run(length=5)))


def test_undo_in_a_take_is_its_own(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "one"))
    body = cards(strip)[0].body
    QTest.keyClicks(body, "x")
    QTest.keyClick(body, Qt.Key.Key_Z, CTRL)
    assert strip.draft("a") == SpanText(text="one", runs=(Run(length=3, author="a"),))
    QTest.keyClick(body, Qt.Key.Key_Y, CTRL)
    assert strip.draft("a") == SpanText(text="xone", runs=(Run(length=1), Run(length=3, author="a")))


def test_an_edited_take_keeps_its_draft_when_it_is_shown_again(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "one"))
    QTest.keyClicks(cards(strip)[0].body, "my ")
    card = cards(strip)[0]
    strip.show_takes([take("a", "one"), take("b", "two")])
    assert cards(strip)[0] is card
    assert strip.draft("a") == SpanText(text="my one", runs=(Run(length=3), Run(length=3, author="a")))


def test_waiting_cards_become_the_takes(qtbot: QtBot) -> None:
    strip = strip_of(qtbot)
    strip.set_waiting(3)
    waiting = cards(strip)
    strip.show_takes([take(i, status="streaming") for i in "abc"])
    assert cards(strip) == waiting
    strip.clear()
    assert strip.take_ids() == []
    assert strip.chosen() is None


def test_cards_made_before_are_hidden_until_they_are_needed(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "one"))
    assert not strip.prepare(3)
    assert strip.prepare(3)
    assert strip.prepare(3)
    made = strip.findChildren(TakeCard)
    assert len(made) == 3
    assert len(cards(strip)) == 1
    strip.set_show_authors(False)
    strip.show_takes([take("a", "one"), take("b", "two"), take("c", "three")])
    assert set(cards(strip)) == set(made)
    strip.show_takes([take(str(at), "text") for at in range(8)])
    assert strip.prepare(99)
    assert len(cards(strip)) == 8


def test_a_card_that_waits_for_something_else_says_so(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", "one"))
    strip.set_waiting(1, "packing…")
    strip.set_waiting(1, "reading…")
    assert cards(strip)[0]._state.text() == "reading…"
    assert cards(strip)[0].take is None


def test_a_failed_take_says_why(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, take("a", status="failed", error="The model stopped answering."))
    texts = [label.text() for label in cards(strip)[0].findChildren(type(cards(strip)[0]._error))]
    assert "The model stopped answering." in texts
