"""Picture takes in the strip: seen while they are drawn, dragged out, judged."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from studio.core.takes import Picture, Take
from studio.widgets.picture_body import PictureTakeBody
from studio.widgets.picture_images import rgb_image
from studio.widgets.picture_words import REJECT_REASONS
from studio.widgets.take_card import TakeCard
from studio.widgets.take_strip import TakeStrip
from tests.widgets.picture_makers import picture_take, plain


def strip_of(qtbot: QtBot, *takes: Take) -> TakeStrip:
    strip = TakeStrip(body_factory=PictureTakeBody)
    qtbot.addWidget(strip)
    strip.resize(900, 320)
    strip.show_takes(takes)
    with qtbot.waitExposed(strip):
        strip.show()
    return strip


def card_of(strip: TakeStrip, take_id: str) -> TakeCard:
    return next(card for card in strip.findChildren(TakeCard) if card.take and card.take.id == take_id)


def body_of(strip: TakeStrip, take_id: str) -> PictureTakeBody:
    body = card_of(strip, take_id).body
    assert isinstance(body, PictureTakeBody)
    return body


def said(card: TakeCard) -> list[str]:
    return [label.text() for label in card.findChildren(QLabel) if not label.isHidden()]


def entry(menu: QMenu, *titles: str) -> QAction:
    found = next(action for action in menu.actions() if action.text() == titles[0])
    if len(titles) == 1:
        return found
    below = found.menu()
    assert isinstance(below, QMenu)
    return entry(below, *titles[1:])


def test_an_empty_picture_strip_speaks_of_drawing(qtbot: QtBot) -> None:
    strip = strip_of(qtbot)
    texts = [label.text() for label in strip.findChildren(QLabel)]
    assert any("what should be drawn" in text for text in texts)


def test_a_growing_take_shows_its_preview_and_its_step(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a", "streaming"))
    strip.show_step("a", 7, 20)
    strip.show_image("a", rgb_image(2, 2, bytes([255, 0, 0] * 4)))
    strip.show_image("gone", plain("red"))
    strip.show_step("gone", 1, 2)
    assert "drawing, step 7 of 20" in said(card_of(strip, "a"))
    body = body_of(strip, "a")
    middle = body.place().center().toPoint()
    assert body.grab().toImage().pixelColor(middle) == QColor(255, 0, 0)
    assert body.accessibleDescription() == "a red door. drawing, step 7 of 20"


def test_a_preview_is_as_large_as_the_picture_it_becomes(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a", "streaming"))
    body = body_of(strip, "a")
    strip.show_image("a", plain("red", 8, 8))
    before = body.place()
    strip.update_take(picture_take("a"))
    strip.show_image("a", plain("red", 512, 512))
    assert body.place() == before
    assert before.height() > 100


def test_the_last_preview_stays_until_the_picture_comes_and_is_asked_for_once(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a", "streaming"))
    strip.show_image("a", plain("red", 8, 8))
    asked: list[str] = []
    strip.image_wanted.connect(asked.append)
    strip.update_take(picture_take("a"))
    strip.update_take(picture_take("a"))
    assert asked == ["a"]
    assert body_of(strip, "a").image().size().width() == 8
    strip.show_image("a", plain("blue", 512, 512))
    assert body_of(strip, "a").image().size().width() == 512


def test_a_picture_may_be_answered_within_the_asking(qtbot: QtBot) -> None:
    strip = TakeStrip(body_factory=PictureTakeBody)
    qtbot.addWidget(strip)
    strip.image_wanted.connect(lambda take_id: strip.show_image(take_id, plain("green")))
    strip.show_takes([picture_take("a"), picture_take("b")])
    assert not body_of(strip, "b").image().isNull()


def test_a_growing_picture_cannot_be_accepted_a_stopped_one_with_a_preview_can(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a", "streaming"))
    strip.show_image("a", plain("red"))
    with qtbot.assertNotEmitted(strip.accept_requested):
        strip.accept_chosen()
    strip.update_take(picture_take("a", "stopped", has=False))
    with qtbot.assertNotEmitted(strip.accept_requested):
        strip.accept_chosen()
    preview = Picture(asset="a.png", width=512, height=512, preview=True)
    strip.update_take(picture_take("a", "stopped", picture=preview))
    with qtbot.waitSignal(strip.accept_requested):
        strip.accept_chosen()


def test_a_failed_picture_says_why_and_shows_no_empty_place(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a", "failed", error="Out of memory."))
    assert "Out of memory." in said(card_of(strip, "a"))
    assert card_of(strip, "a").body.isHidden()


def test_a_rejected_picture_fades(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"))
    strip.show_image("a", plain("#ff0000"))
    body = body_of(strip, "a")
    middle = body.place().center().toPoint()
    before = card_of(strip, "a").grab().toImage().pixelColor(body.mapTo(card_of(strip, "a"), middle))
    strip.update_take(picture_take("a", verdict="rejected"))
    after = card_of(strip, "a").grab().toImage().pixelColor(body.mapTo(card_of(strip, "a"), middle))
    assert before == QColor("#ff0000")
    assert after.green() > 100


def test_dragging_a_finished_picture_asks_for_a_drag(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"), picture_take("b", "streaming"))
    strip.show_image("a", plain("red"))
    strip.show_image("b", plain("red"))
    asked: list[str] = []
    strip.drag_wanted.connect(asked.append)
    for take_id in ("b", "a"):
        body = body_of(strip, take_id)
        QTest.mousePress(body, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
        QTest.mouseMove(body, QPoint(22, 21))
        assert asked == []
        QTest.mouseMove(body, QPoint(60, 60))
        QTest.mouseRelease(body, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert asked == ["a"]
    assert strip.chosen() == "a"


def test_a_press_on_a_picture_chooses_its_card(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"), picture_take("b"))
    QTest.mouseClick(body_of(strip, "b"), Qt.MouseButton.LeftButton)
    assert strip.chosen() == "b"


def test_return_and_double_click_open_it_large(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"))
    opened: list[str] = []
    strip.open_requested.connect(opened.append)
    QTest.keyClick(card_of(strip, "a"), Qt.Key.Key_Return)
    QTest.mouseDClick(body_of(strip, "a"), Qt.MouseButton.LeftButton)
    assert opened == ["a", "a"]


@pytest.mark.parametrize(
    ("titles", "signal", "args"),
    [
        (("Open large",), "open_requested", ["a"]),
        (("Accept",), "accept_requested", ["a"]),
        (("Reject", REJECT_REASONS[0]), "reject_requested", ["a", REJECT_REASONS[0]]),
        (("Reject", "Without a reason"), "reject_requested", ["a", ""]),
        (("Regenerate",), "regenerate_requested", ["a"]),
        (("More like this",), "more_like_this", ["a"]),
        (("Work from here",), "branch_requested", ["a"]),
        (("Make again exactly",), "again_requested", ["a"]),
        (("Compare with", "Take 2"), "compare_requested", ["a", "b"]),
        (("Compare with", "Another picture…"), "compare_requested", ["a", ""]),
        (("Recall into the knobs", "Everything"), "recall_requested", ["a", "all"]),
        (("Recall into the knobs", "Seed only"), "recall_requested", ["a", "seed"]),
        (("Copy picture",), "copy_requested", ["a"]),
        (("Save as…",), "save_requested", ["a"]),
    ],
)
def test_the_menu_asks_for(titles: tuple[str, ...], signal: str, args: list[str], qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"), picture_take("b"))
    menu = card_of(strip, "a").menu()
    with qtbot.waitSignal(getattr(strip, signal)) as heard:
        entry(menu, *titles).trigger()
    assert heard.args == args


def test_a_take_is_not_compared_with_itself(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"), picture_take("b"))
    below = entry(card_of(strip, "b").menu(), "Compare with").menu()
    assert isinstance(below, QMenu)
    assert [action.text() for action in below.actions()] == ["Take 1", "", "Another picture…"]


def test_own_words_of_a_rejection_are_asked_for(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"))
    strip.activateWindow()
    qtbot.waitUntil(strip.isActiveWindow)
    entry(card_of(strip, "a").menu(), "Reject", "In your own words…").trigger()
    line = QApplication.focusWidget()
    QTest.keyClicks(line, "too many legs")
    with qtbot.waitSignal(strip.reject_requested) as heard:
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert heard.args == ["a", "too many legs"]


def test_a_rejected_take_offers_to_restore_and_a_growing_one_no_picture_acts(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a", verdict="rejected"), picture_take("b", "streaming"))
    with qtbot.waitSignal(strip.restore_requested) as heard:
        entry(card_of(strip, "a").menu(), "Restore").trigger()
    assert heard.args == ["a"]
    growing = card_of(strip, "b").menu()
    for title in ("Accept", "More like this", "Make again exactly", "Copy picture", "Save as…"):
        assert not entry(growing, title).isEnabled()


def test_text_acts_do_nothing_to_pictures(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, picture_take("a"))
    strip.append("gone", "text")
    strip.set_heat("a", None)
    strip.set_inspect(True)
    strip.flush()
    assert strip.draft("a") is None
    assert not strip.may_edit("a")
    with pytest.raises(TypeError, match="shows no text"):
        _ = card_of(strip, "a").text_body


def test_rgb_bytes_become_a_picture_with_its_own_memory() -> None:
    image = rgb_image(3, 1, bytes([1, 2, 3, 4, 5, 6, 7, 8, 9]))
    assert [image.pixelColor(x, 0).getRgb()[:3] for x in range(3)] == [(1, 2, 3), (4, 5, 6), (7, 8, 9)]
    with pytest.raises(ValueError, match="2 bytes"):
        rgb_image(3, 1, b"12")
    assert isinstance(image, QImage)
