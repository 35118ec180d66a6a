"""Takes of music in the strip: seen while they are written, measured, played, dragged out."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QColor, QImage, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from studio.core.pieces import NewTrack
from studio.core.takes import Take
from studio.media.music.document_takes import notes_text
from studio.media.music.score import TICKS, Note
from studio.media.spans import SpanText
from studio.widgets.piece_body import PieceTakeBody
from studio.widgets.piece_mini import MiniBars, MiniRoll
from studio.widgets.roll.looks import looks
from studio.widgets.take_card import TakeCard
from studio.widgets.take_strip import TakeStrip
from studio.widgets.tones import current_tones
from tests.widgets.makers import take
from tests.widgets.piece_makers import BAR, piece, piece_job, piece_take, said


def strip_of(qtbot: QtBot, *takes: Take) -> TakeStrip:
    strip = TakeStrip(body_factory=PieceTakeBody)
    qtbot.addWidget(strip)
    strip.set_vertical(True)
    strip.resize(232, 520)
    strip.show_score(piece())
    strip.show_takes(takes)
    with qtbot.waitExposed(strip):
        strip.show()
    return strip


def card_of(strip: TakeStrip, take_id: str) -> TakeCard:
    return next(card for card in strip.findChildren(TakeCard) if card.take and card.take.id == take_id)


def body_of(strip: TakeStrip, take_id: str) -> PieceTakeBody:
    body = card_of(strip, take_id).body
    assert isinstance(body, PieceTakeBody)
    return body


def texts(card: TakeCard) -> list[str]:
    """What the card says; spaces that do not break are spaces."""
    labels = [label for label in card.findChildren(QLabel) if not label.isHidden() and label.text()]
    return [label.text().replace("\N{NO-BREAK SPACE}", " ") for label in labels]


def entry(menu: QMenu, *titles: str) -> QAction:
    found = next(action for action in menu.actions() if action.text() == titles[0])
    if len(titles) == 1:
        return found
    below = found.menu()
    assert isinstance(below, QMenu)
    return entry(below, *titles[1:])


def colours(image: QImage) -> set[str]:
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


# -- what a card says --------------------------------------------------------------------------------


def test_an_empty_strip_speaks_of_notes(qtbot: QtBot) -> None:
    strip = strip_of(qtbot)
    assert any("proposes notes" in label.text() for label in strip.findChildren(QLabel))


def test_a_take_says_what_it_measures_in_its_bars(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take())
    qtbot.waitUntil(lambda: body_of(strip, "a").facts() is not None)
    said_now = texts(card_of(strip, "a"))
    assert "4 notes" in said_now
    assert "2 a bar, D4 to D5, 100 % in D minor, rests for 4 quarters" in said_now
    body = body_of(strip, "a")
    assert body.toolTip().splitlines()[0] == "Infill bars 2 to 3 of Piano"
    assert "4 notes, 2 a bar" in body.accessibleDescription()


def test_what_was_held_stands_apart_and_says_whether_it_was_kept_to(qtbot: QtBot) -> None:
    held = piece_job(hold_key=True)
    strip = strip_of(
        qtbot, piece_take(job=held), piece_take("b", job=held, text=said(62, 63, 62, 62)), piece_take("c")
    )
    qtbot.waitUntil(lambda: all(body_of(strip, id_).facts() for id_ in "abc"))
    shares = {
        id_: label
        for id_ in "abc"
        for label in card_of(strip, id_).findChildren(QLabel)
        if label.text().startswith("held:")
    }
    assert list(shares) == ["a", "b"]
    assert shares["a"].text().replace("\N{NO-BREAK SPACE}", " ") == "held: 100 % in D minor"
    assert (shares["a"].property("role"), shares["b"].property("role")) == ("success", "warning")
    assert body_of(strip, "a").accessibleDescription().endswith("Held: 100 % in D minor")


def test_a_take_without_a_note_is_a_rest_and_can_be_accepted(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take(text=""))
    qtbot.waitUntil(lambda: body_of(strip, "a").facts() is not None)
    assert "a rest: no notes" in texts(card_of(strip, "a"))
    with qtbot.waitSignal(strip.accept_requested):
        strip.accept_chosen()


def test_a_failed_take_without_notes_shows_why_and_cannot_be_accepted(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take(status="failed", text="", error="The worker ended."))
    assert "The worker ended." in texts(card_of(strip, "a"))
    assert card_of(strip, "a").body.isHidden()
    with qtbot.assertNotEmitted(strip.accept_requested):
        strip.accept_chosen()


def test_a_long_take_is_measured_as_well(qtbot: QtBot) -> None:
    many = notes_text("t1", [Note(BAR + 4 * at, 62 + at % 3, 4, 90) for at in range(900)])
    strip = strip_of(qtbot, piece_take(text=many))
    qtbot.waitUntil(lambda: body_of(strip, "a").facts() is not None)
    assert "900 notes" in texts(card_of(strip, "a"))


def test_a_take_of_nonsense_breaks_nothing(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take(text=notes_text("t1", [Note(BAR, 60, 0)]) + "garbage\n"))
    qtbot.wait(20)
    assert body_of(strip, "a").facts() is None


# -- growing -----------------------------------------------------------------------------------------


def test_a_take_that_is_written_counts_its_notes_and_says_where_it_is(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take(status="streaming", text=""))
    card = card_of(strip, "a")
    assert "reading the piece…" in texts(card)
    strip.append("a", said(62, 65))
    assert {"writing…", "2 notes", "at bar 2"} <= set(texts(card))
    strip.append("a", f"{2 * BAR} 62 480 9")
    assert "2 notes" in texts(card)
    strip.append("a", "0\n")
    assert {"3 notes", "at bar 3"} <= set(texts(card))
    assert body_of(strip, "a").facts() is None
    strip.append("gone", said(62))


def test_what_streamed_is_not_read_again_at_the_end(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    strip = strip_of(qtbot, piece_take(status="streaming", text=""))
    text = said(62, 65, 69, 74)
    strip.append("a", text[:30])
    strip.append("a", text[30:])
    body = body_of(strip, "a")
    added: list[int] = []
    add = body.roll.add

    def heard(track: str, notes: list[Note]) -> None:
        added.append(len(notes))
        add(track, notes)

    monkeypatch.setattr(body.roll, "add", heard)
    strip.update_take(piece_take(text=text))
    assert added == []
    qtbot.waitUntil(lambda: body.facts() is not None)
    strip.update_take(piece_take(text=text + f"{3 * BAR - 480} 70 480 80\n"))
    assert sum(added) == 1
    assert "5 notes" in texts(card_of(strip, "a"))
    strip.update_take(piece_take(text=said(60)))
    assert "1 note" in texts(card_of(strip, "a"))


def test_a_card_that_is_used_again_forgets_the_take_before(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take())
    qtbot.waitUntil(lambda: body_of(strip, "a").facts() is not None)
    strip.set_waiting(1, "packing the piece…")
    card = strip.findChildren(TakeCard)[0]
    assert texts(card) == ["1", "packing the piece…"]
    strip.show_takes([piece_take("b", "streaming", text="")])
    assert body_of(strip, "b").measure_text() == ""
    assert body_of(strip, "b").facts() is None


def test_a_take_that_stands_as_it_stood_is_not_shown_anew_unless_the_piece_behind_it_is_another(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    plain = TakeCard.show_take

    def show_take(card: TakeCard, take: Take, draft: SpanText | None = None) -> None:
        shown.append(take.id)
        plain(card, take, draft)

    monkeypatch.setattr(TakeCard, "show_take", show_take)
    strip = strip_of(qtbot, piece_take("a"), piece_take("b"))
    shown.clear()
    strip.show_takes([piece_take("a"), piece_take("b", verdict="rejected")])
    assert shown == ["b"]
    strip.show_score(replace(piece(), keys=()))
    strip.show_takes([piece_take("a"), piece_take("b", verdict="rejected")])
    assert shown == ["b", "a", "b"]


def test_another_piece_behind_the_take_is_measured_and_laid_under_it(qtbot: QtBot) -> None:
    job = piece_job(hold_key=True)
    strip = strip_of(qtbot, piece_take(job=job))
    qtbot.waitUntil(lambda: body_of(strip, "a").facts() is not None)
    major = replace(piece(), keys=(replace(piece().keys[0], mode="major"),))
    strip.show_score(major)
    strip.update_take(piece_take(job=job))
    qtbot.waitUntil(lambda: body_of(strip, "a").facts() is not None)
    assert any("held: 75 % in D major" in text for text in texts(card_of(strip, "a")))
    assert body_of(strip, "a").measure_text() == "4 notes"


# -- the small roll ----------------------------------------------------------------------------------


def mini(qtbot: QtBot, bars: MiniBars, *added: tuple[str, list[Note]]) -> QImage:
    roll = MiniRoll()
    qtbot.addWidget(roll)
    roll.resize(200, 80)
    roll.show_bars(bars)
    for track, notes in added:
        roll.add(track, notes)
    roll.set_writing(False)
    return roll.grab().toImage()


def model_columns(image: QImage) -> set[int]:
    """The columns of pixels in which a loud note of a model is painted."""
    loud = looks(current_tones()).notes[13]
    return {x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) == loud}


def test_new_notes_stand_where_they_sound_in_the_models_colour(qtbot: QtBot) -> None:
    bars = MiniBars(starts=(0, BAR), tracks=("t1",))
    image = mini(qtbot, bars, ("t1", [Note(0, 60, 2 * TICKS, 90)]), ("other", [Note(960, 60, 960, 90)]))
    found = model_columns(image)
    assert min(found) <= 5
    assert 90 <= max(found) <= 105


def test_notes_that_stay_are_quiet_and_what_was_is_fainter(qtbot: QtBot) -> None:
    was = [Note(0, 60, TICKS, 90), Note(TICKS, 60, TICKS, 90)]
    bars = MiniBars(starts=(0, BAR), tracks=("t1",), was={"t1": was})
    plain = colours(mini(qtbot, bars))
    kept = colours(mini(qtbot, bars, ("t1", [was[0]])))
    assert len(kept) == len(plain) + 1
    assert looks(current_tones()).notes[13].name() not in kept


def test_tracks_lie_one_below_the_other_until_they_are_too_many(qtbot: QtBot) -> None:
    def rows(count: int) -> set[int]:
        tracks = tuple(f"t{at}" for at in range(count))
        notes = [(track, [Note(0, 60, BAR, 90)]) for track in tracks]
        image = mini(qtbot, MiniBars(starts=(0, BAR), tracks=tracks), *notes)
        loud = looks(current_tones()).notes[13]
        return {y for y in range(image.height()) if image.pixelColor(100, y) == loud}

    one, three, many = rows(1), rows(3), rows(9)
    assert len(three) >= 2 * len(one) // 2 > 0
    assert min(three) < 27 and max(three) > 53
    assert max(many) - min(many) < 10


def test_a_line_shows_how_far_a_take_has_come(qtbot: QtBot) -> None:
    roll = MiniRoll()
    qtbot.addWidget(roll)
    roll.resize(200, 80)
    roll.show_bars(MiniBars(starts=(0, BAR), tracks=("t1",)))
    roll.add("t1", [Note(2 * TICKS, 60, 10, 1)])
    edge = looks(current_tones()).take_edge
    assert roll.grab().toImage().pixelColor(100, 2) == edge
    roll.set_writing(False)
    assert roll.grab().toImage().pixelColor(100, 2) != edge


def test_a_rejected_take_is_pale(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take())
    roll = body_of(strip, "a").roll
    before = model_columns(roll.grab().toImage())
    strip.update_take(piece_take(verdict="rejected"))
    assert before and not model_columns(roll.grab().toImage())


def test_behind_a_new_track_the_others_are_seen(qtbot: QtBot) -> None:
    job = piece_job(task="add", tracks=(), new=NewTrack(id="n", name="Strings"))
    strip = strip_of(
        qtbot, piece_take(text="", job=job), piece_take("b", text="", job=piece_job(tracks=("t2",)))
    )
    for id_ in "ab":
        assert len(colours(body_of(strip, id_).roll.grab().toImage())) > 2


# -- what the person does ----------------------------------------------------------------------------


def test_space_on_a_card_and_its_button_play_the_take(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take())
    played: list[str] = []
    strip.play_requested.connect(played.append)
    card = card_of(strip, "a")
    QTest.keyClick(card, Qt.Key.Key_Space)
    override = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(card, override)
    assert override.isAccepted()
    button = next(b for b in card.findChildren(QToolButton) if b.accessibleName().startswith("Play"))
    button.click()
    assert played == ["a", "a"]
    strip.set_playing("a")
    assert button.accessibleName() == "Stop playing (Space)"
    strip.set_playing("")
    assert button.accessibleName().startswith("Play")


def test_a_take_that_is_written_cannot_be_played_yet(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take(status="streaming"))
    names = [
        b for b in card_of(strip, "a").findChildren(QToolButton) if b.accessibleName().startswith("Play")
    ]
    assert not names[0].isEnabled()


def test_a_double_click_and_return_open_the_take(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take())
    opened: list[str] = []
    strip.open_requested.connect(opened.append)
    QTest.mouseDClick(body_of(strip, "a"), Qt.MouseButton.LeftButton)
    QTest.keyClick(card_of(strip, "a"), Qt.Key.Key_Return)
    assert opened == ["a", "a"]


def test_a_take_is_dragged_out_once_it_is_there(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take(), piece_take("b", "streaming"))
    dragged: list[str] = []
    strip.drag_wanted.connect(dragged.append)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for id_ in "ab":
        body = body_of(strip, id_)
        at, far = QPointF(30, 30), QPointF(30 + QApplication.startDragDistance() + 1, 30)
        body.mousePressEvent(QMouseEvent(QMouseEvent.Type.MouseButtonPress, at, at, left, left, none))
        body.mouseMoveEvent(QMouseEvent(QMouseEvent.Type.MouseMove, far, far, left, left, none))
    assert dragged == ["a"]


def test_the_menu_offers_what_a_take_of_music_can(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, piece_take())
    asked: list[tuple[str, ...]] = []
    for name in (
        "play_requested", "open_requested", "more_like_this", "branch_requested", "again_requested",
        "recall_requested", "save_requested", "copy_requested", "reject_requested",
    ):  # fmt: skip
        getattr(strip, name).connect(lambda *told, name=name: asked.append((name, *told)))
    menu = card_of(strip, "a").menu()
    for titles in (
        ("Play in its place",),
        ("Show in the roll",),
        ("More like this",),
        ("Work from here",),
        ("Make again exactly",),
        ("Recall into the knobs", "Seed only"),
        ("Export as MIDI…",),
        ("Copy notes",),
        ("Reject", "Rhythm"),
    ):
        entry(menu, *titles).trigger()
    assert asked == [
        ("play_requested", "a"),
        ("open_requested", "a"),
        ("more_like_this", "a"),
        ("branch_requested", "a"),
        ("again_requested", "a"),
        ("recall_requested", "a", "seed"),
        ("save_requested", "a"),
        ("copy_requested", "a"),
        ("reject_requested", "a", "Rhythm"),
    ]
    menu.deleteLater()


def test_text_and_picture_strips_hear_nothing_of_music(qtbot: QtBot) -> None:
    strip = TakeStrip()
    qtbot.addWidget(strip)
    strip.show_takes([take("a")])
    strip.show_score(piece())
    strip.set_playing("a")
    with qtbot.assertNotEmitted(strip.play_requested):
        QTest.keyClick(strip.findChildren(TakeCard)[0], Qt.Key.Key_Space)
