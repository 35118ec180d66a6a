"""Looking inside the model: a word's alternatives, and going on from one of them on a branch of its own."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget

from studio.media.spans import HUMAN
from studio.widgets.token_popover import OtherWord, TokenPopover
from tests.app.conftest import Scripted

TEXT = " the{0} fox{0} ran{0} into{0} the{0} wood{0} and{0} sang{0}"


@pytest.fixture
def accepted(person: Scripted) -> Scripted:
    """“Once” and the first take, accepted; then a word of the person's."""
    person.types("Once")
    person.takes = person.proposes()
    person.does("take.accept")
    person.types(" Yes.")
    person.pane.flush()
    return person


def look(person: Scripted, place: int, take: str = "") -> TokenPopover | None:
    person.pane.token_asked.emit(take, place, QPoint(200, 200))
    popover = person.wiring.inside.popover
    return popover if popover is not None and popover.isVisible() else None


def words(popover: TokenPopover) -> list[OtherWord]:
    rows = popover.findChild(QListWidget)
    return [rows.item(row).data(Qt.ItemDataRole.UserRole) for row in range(rows.count())]


def test_a_word_of_the_text_shows_how_likely_it_was_and_what_else_could_have_stood_there(
    accepted: Scripted,
) -> None:
    popover = look(accepted, accepted.text.index("fox0"))
    assert popover is not None
    assert (
        popover._word.text() == "“␣fox0”"
        and popover._figures.text() == "36.8 % likely, number 2 of the words here"
    )
    assert [word.text for word in words(popover)] == [" hare", " fox0"]
    assert [word.current for word in words(popover)] == [False, True]
    popover.close()


def test_choosing_another_word_makes_takes_on_a_branch_and_overwrites_nothing(accepted: Scripted) -> None:
    whole, history = accepted.text, accepted.session.history(accepted.wiring.text.work)
    head = history.head
    popover = look(accepted, accepted.text.index("fox0"))
    rows = popover.findChild(QListWidget)
    QTest.keyClick(rows, Qt.Key.Key_Up)
    before = set(accepted.wiring.text.takes)
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert not popover.isVisible()
    accepted.sees(lambda: len(accepted.wiring.text.takes) == 6 and not accepted.wiring.text.running)
    new = [take for id_, take in accepted.wiring.text.takes.items() if id_ not in before]
    job, first = new[0].recipe.job, accepted.takes[0].recipe.job
    assert job.lead == " the0 hare"
    assert (job.parent, job.at, job.prompt, job.sampling) == (
        first.parent,
        first.at,
        first.prompt,
        first.sampling,
    )
    assert all(take.text.startswith(" the0 hare") for take in new)
    assert accepted.text == whole
    accepted.does("take.accept")
    assert accepted.text == "Once" + new[0].text
    assert [run.author for run in accepted.pane.value().runs] == [HUMAN, new[0].id]
    assert history.node(history.head).parent == first.parent
    assert history.text_at(head).text == whole, "what was there is on its own line still"
    accepted.wiring.text.branch(head)
    assert accepted.text == whole


def test_a_word_of_a_card_is_looked_into_as_well(accepted: Scripted) -> None:
    take = accepted.takes[1]
    popover = look(accepted, take.text.index("ran1"), take.id)
    assert popover is not None and popover._word.text() == "“␣ran1”"
    popover.close()


def test_a_word_is_found_through_edits_before_it_and_around_it(accepted: Scripted) -> None:
    editor = accepted.pane.editor
    editor.set_caret(0)
    accepted.types("Hm. ")
    editor.set_caret(accepted.text.index(" ran0"))
    accepted.types(" quickly")
    for word in ("the0", "fox0", "ran0", "sang0"):
        popover = look(accepted, accepted.text.index(word))
        assert popover is not None and popover._word.text() == f"“␣{word}”"
        popover.close()


def test_pieces_of_a_take_are_looked_into_too(person: Scripted) -> None:
    person.types("Once")
    person.proposes()
    for _ in range(3):
        person.does("take.word")
    popover = look(person, person.text.index("ran0"))
    assert popover is not None and popover._word.text() == "“␣ran0”"
    popover.close()


def test_copied_words_are_found_by_what_is_written(accepted: Scripted) -> None:
    value = accepted.pane.value()
    start = accepted.text.index(" wood0 and0")
    accepted.pane.editor.set_caret(len(accepted.text))
    accepted.pane.editor.insert_text(" wood0 and0", value.slice_runs(start, start + 11))
    popover = look(accepted, accepted.text.rindex("wood0"))
    assert popover is not None and popover._word.text() == "“␣wood0”"
    popover.close()


def test_what_can_not_be_told_is_said(accepted: Scripted) -> None:
    assert look(accepted, 1) is None and "yourself" in accepted.told
    take = accepted.takes[0].id
    accepted.pane.editor.insert_text(" the", (accepted.pane.value().runs[1].of(4),))
    assert look(accepted, len(accepted.text) - 2) is None and "can't be told" in accepted.told
    assert accepted.pane.value().runs[-1].author == take


def test_a_take_of_an_older_project_has_nothing_to_look_into(accepted: Scripted) -> None:
    take = accepted.takes[0].id
    accepted.wiring.inside._tokens = lambda _take: ()
    assert look(accepted, accepted.text.index("fox0")) is None
    assert "before Atelier kept" in accepted.told
    assert take in accepted.wiring.text.takes


def test_the_heat_view_colours_text_and_cards_and_is_explained(accepted: Scripted) -> None:
    assert not accepted.pane.legend.isVisible()
    accepted.does("view.heat")
    assert accepted.pane.legend.isVisible()
    text = accepted.text
    marks = accepted.pane.editor.marks.heat_everywhere()
    assert [text[start:end] for start, end, _ in marks] == [f" {word}" for word in TEXT.format(0).split()]
    steps = [step for _, _, step in marks]
    assert steps == sorted(steps) and steps[0] < steps[-1]
    body = accepted.card(accepted.takes[1].id).text_body
    assert len(body.marks.heat_everywhere()) == 8
    accepted.does("edit.undo")
    accepted.does("edit.undo")
    accepted.sees(lambda: not accepted.pane.editor.marks.heat_everywhere())
    accepted.does("edit.redo")
    accepted.sees(lambda: len(accepted.pane.editor.marks.heat_everywhere()) == 8)
    accepted.does("view.heat")
    assert not accepted.pane.editor.marks.heat_everywhere() and not body.marks.heat_everywhere()
    assert not accepted.pane.legend.isVisible()
