"""Ghost text in the real window: where it shows, how it is taken in piece by piece, and what undo makes of it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.app.lineage import lineage_nodes
from studio.media.spans import HUMAN
from tests.app.conftest import Scripted

TEXT = " the{0} fox{0} ran{0} into{0} the{0} wood{0} and{0} sang{0}"
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def ghost(person: Scripted) -> str:
    """The ghost text that is seen."""
    return person.pane.editor.ghost() if person.pane.editor.ghost_shows() else ""


def press(
    person: Scripted, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(person.pane.editor, key, modifiers)


@pytest.fixture
def proposed(person: Scripted) -> Scripted:
    """Someone with three takes after “Once”, the first of them chosen."""
    person.types("Once")
    person.takes = person.proposes()
    person.pane.focus_editor()
    return person


def test_the_chosen_take_shows_at_the_caret_and_is_no_part_of_the_text(proposed: Scripted) -> None:
    assert ghost(proposed) == TEXT.format(0)
    proposed.pane.prompt.set_notice("")  # nothing to tell of the model
    assert proposed.text == "Once" and "Tab takes the next word" in proposed.pane.prompt.notice.text()
    proposed.does("take.next")
    assert ghost(proposed) == TEXT.format(1)
    proposed.does("take.previous")
    assert ghost(proposed) == TEXT.format(0)


def test_it_streams_and_escape_sends_it_away_before_it_stops_anything(scripted) -> None:
    person: Scripted = scripted("slow")
    person.types("Once")
    person.does("take.propose")
    person.sees(lambda: ghost(person) == " the0 fox0 ran0")
    press(person, Qt.Key.Key_Escape)
    assert ghost(person) == "" and person.wiring.text.running
    press(person, Qt.Key.Key_Escape)
    person.sees(lambda: not person.wiring.text.running)
    assert ghost(person) == "", "sent away, it stays away"
    person.does("take.next")
    assert ghost(person) == " the1 fox1 ran1"


def test_a_word_a_sentence_a_paragraph_are_taken_in_with_the_takes_author(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    assert proposed.text == "Once the0" and ghost(proposed) == TEXT.format(0)[5:]
    press(proposed, Qt.Key.Key_Tab)
    assert proposed.text == "Once the0 fox0"
    runs = proposed.pane.value().runs
    assert [run.author for run in runs] == [HUMAN, proposed.takes[0].id]
    card = proposed.card(proposed.takes[0].id)
    assert card._state.text() == "partly accepted"
    proposed.saved()
    assert not proposed.session.reader.verdicts(proposed.takes[0].id), "a piece is no verdict on the take"
    press(proposed, Qt.Key.Key_Right, CTRL)
    assert proposed.text == "Once" + TEXT.format(0) and ghost(proposed) == ""
    assert card.take is not None and card.take.verdict == "accepted"
    proposed.saved()
    kept = {take.id: take for take in proposed.session.reader.takes_of(proposed.wiring.text.work)}
    assert kept[proposed.takes[0].id].verdict == "accepted"


def test_each_piece_is_one_step_of_undo_and_the_ghost_comes_back(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    press(proposed, Qt.Key.Key_Tab)
    proposed.does("edit.undo")
    assert proposed.text == "Once the0" and ghost(proposed) == TEXT.format(0)[5:]
    proposed.does("edit.undo")
    assert proposed.text == "Once" and ghost(proposed) == TEXT.format(0)
    assert proposed.card(proposed.takes[0].id)._state.text() == ""
    proposed.does("edit.redo")
    assert proposed.text == "Once the0" and ghost(proposed) == TEXT.format(0)[5:]


def test_accepting_the_take_later_puts_only_the_rest(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    proposed.pane.editor.set_caret(0)
    proposed.types("Hm. ")
    assert ghost(proposed) == ""
    proposed.does("take.accept")
    assert proposed.text == "Hm. Once" + TEXT.format(0)
    proposed.does("take.accept")
    assert proposed.text == "Hm. Once" + TEXT.format(0), "all of it is in the text"


def test_words_written_after_a_piece_stay_between_it_and_the_rest(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    proposed.types(" red")
    assert ghost(proposed) == "", "the text is not the one it went on from"
    proposed.does("take.accept")
    assert proposed.text == "Once the0 red" + TEXT.format(0)[5:]


def test_typing_what_the_ghost_says_uses_it_up(proposed: Scripted) -> None:
    proposed.types(" the0")
    assert ghost(proposed) == TEXT.format(0)[5:]
    proposed.does("take.accept")
    assert proposed.text == "Once" + TEXT.format(0)
    authors = [run.author for run in proposed.pane.value().runs]
    assert authors == [HUMAN, proposed.takes[0].id] and proposed.pane.value().runs[0].length == len(
        "Once the0"
    )
    assert proposed.card(proposed.takes[0].id)._state.text() == "accepted"


def test_typing_anything_else_and_moving_away_end_it(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Home)
    assert ghost(proposed) == ""
    press(proposed, Qt.Key.Key_End)
    assert ghost(proposed) == TEXT.format(0)
    proposed.types("!")
    assert ghost(proposed) == ""
    press(proposed, Qt.Key.Key_Backspace)
    assert ghost(proposed) == TEXT.format(0), "the text is again the one it goes on from"


def test_a_rejected_take_is_no_ghost(proposed: Scripted) -> None:
    proposed.does("take.reject")
    assert ghost(proposed) == ""


def test_the_switch_is_kept_and_without_ghost_tab_leaves_the_text(proposed: Scripted) -> None:
    proposed.does("view.ghost")
    assert ghost(proposed) == ""
    proposed.window.activateWindow()
    proposed.sees(proposed.pane.editor.hasFocus)
    press(proposed, Qt.Key.Key_Tab)
    assert proposed.text == "Once" and not proposed.pane.editor.hasFocus()
    assert not proposed.wiring.settings.flag("view/ghost", True)
    proposed.does("view.ghost")
    assert ghost(proposed) == TEXT.format(0)


def test_pieces_of_an_edited_take_have_both_authors(proposed: Scripted) -> None:
    body = proposed.card(proposed.takes[0].id).text_body
    body.set_caret(0)
    QTest.keyClicks(body, " So")
    body.flush()
    assert ghost(proposed) == " So" + TEXT.format(0)
    proposed.pane.editor.setFocus()
    press(proposed, Qt.Key.Key_Tab)
    press(proposed, Qt.Key.Key_Tab)
    assert proposed.text == "Once So the0"
    assert [run.author for run in proposed.pane.value().runs] == [HUMAN, proposed.takes[0].id]


def test_a_take_whose_taken_part_was_edited_since_is_accepted_from_where_it_agrees(
    proposed: Scripted,
) -> None:
    press(proposed, Qt.Key.Key_Tab)
    press(proposed, Qt.Key.Key_Tab)
    body = proposed.card(proposed.takes[0].id).text_body
    body.set_caret(0)
    QTest.keyClicks(body, " So")
    body.flush()
    proposed.does("take.accept")
    assert proposed.text == "Once" + TEXT.format(0)


def test_a_take_whose_taken_part_was_deleted_in_its_card_still_has_its_rest(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    delete_first_word(proposed)
    proposed.does("take.accept")
    assert proposed.text == "Once" + TEXT.format(0)


def test_a_take_that_was_changed_before_and_after_its_taken_part_is_not_guessed_at(
    proposed: Scripted,
) -> None:
    press(proposed, Qt.Key.Key_Tab)
    body = delete_first_word(proposed)
    body.set_caret(len(body.draft().text))
    QTest.keyClicks(body, " too")
    body.flush()
    proposed.does("take.accept")
    assert proposed.text == "Once the0" and "changed in the take" in proposed.told


def delete_first_word(person: Scripted):
    """Take “ the0” out of the first take's card."""
    body = person.card(person.takes[0].id).text_body
    body.set_caret(5)
    for _ in range(5):
        QTest.keyClick(body, Qt.Key.Key_Backspace)
    body.flush()
    return body


def test_regenerate_after_a_piece_goes_on_from_the_caret(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    (take, *_) = proposed.proposes("take.regenerate")
    assert take.recipe.job.prompt == "Once the0" and take.recipe.job.at == len("Once the0")
    assert ghost(proposed) == TEXT.format(0)


def test_another_take_gives_place_to_the_pieces_and_takes_it(proposed: Scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    proposed.does("take.next")
    assert ghost(proposed) == "", "the second take does not go on from the first one's word"
    proposed.does("take.accept")
    assert proposed.text == "Once" + TEXT.format(1)
    proposed.does("edit.undo")
    assert proposed.text == "Once"


def test_after_a_restart_the_rest_of_the_take_still_shows(proposed: Scripted, scripted) -> None:
    press(proposed, Qt.Key.Key_Tab)
    proposed.saved()
    proposed.window.close()
    again: Scripted = scripted()
    assert again.text == "Once the0"
    assert again.pane.strip.take_ids()[0] == proposed.takes[0].id
    assert ghost(again) == TEXT.format(0)[5:]
    assert again.card(proposed.takes[0].id)._state.text() == "partly accepted"
    again.does("take.accept")
    assert again.text == "Once" + TEXT.format(0)


def test_a_piece_of_a_take_that_still_streams(scripted) -> None:
    person: Scripted = scripted("slow")
    person.types("Once")
    person.does("take.propose")
    person.sees(lambda: ghost(person) == " the0 fox0 ran0")
    press(person, Qt.Key.Key_Tab)
    assert person.text == "Once the0" and ghost(person) == " fox0 ran0"
    person.wiring.text.stop()
    person.sees(lambda: not person.wiring.text.running)
    assert ghost(person) == " fox0 ran0"
    person.does("take.sentence")
    assert person.text == "Once the0 fox0 ran0" and ghost(person) == ""


def test_the_actions_bring_the_next_piece_though_the_caret_is_elsewhere(proposed: Scripted) -> None:
    proposed.pane.editor.set_caret(0)
    proposed.does("take.word")
    assert proposed.text == "Once the0" and proposed.pane.caret() == len("Once the0")


def test_no_ghost_in_the_middle_of_text_that_changed_there(person: Scripted) -> None:
    person.types("Once. The end.")
    person.pane.editor.set_caret(4)
    person.proposes()
    assert ghost(person) == TEXT.format(0)
    person.pane.editor.set_caret(5)
    person.types("!")
    person.pane.editor.set_caret(4)
    assert ghost(person) == ""


def test_pieces_of_one_take_are_one_row_of_the_lineage(proposed: Scripted) -> None:
    for _ in range(3):
        press(proposed, Qt.Key.Key_Tab)
    history = proposed.session.history(proposed.wiring.text.work)
    rows = lineage_nodes(history, proposed.takes, {})
    accepted = [row for row in rows if row.kind == "accepted"]
    assert [(row.title, row.take) for row in accepted] == [("the0 fox0 ran0", proposed.takes[0].id)]
    assert accepted[0].current
