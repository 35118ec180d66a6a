"""Acts on a selected passage in the real window: offered or grey with the reason, asked for, accepted in its place."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.core.takes import Take
from tests.app.conftest import Scripted

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
STORY = "The fox ran home. It rained. The end."


@pytest.fixture
def able(person: Scripted) -> Scripted:
    """Someone whose model passed every check."""
    person.does("tools.check_model")
    person.sees(lambda: not person.wiring.acts.checking)
    person.window.messages.clear()
    return person


@pytest.fixture
def story(able: Scripted) -> Scripted:
    """STORY with “ It rained. ” selected."""
    able.types(STORY)
    able.pane.editor.select(17, 29)
    return able


def entries(person: Scripted) -> dict[str, bool]:
    """The lines of the box's menu and whether they can be chosen."""
    menu = person.pane.prompt.acts.menu_of_acts(person.pane, lambda _act, _tone: None, go_on=True)
    out = {action.text(): action.isEnabled() for action in menu.actions() if action.text()}
    menu.deleteLater()
    return out


def asked(person: Scripted, how: Callable[[], object]) -> list[Take]:
    """Do it, wait for its three takes."""
    before = set(person.wiring.text.takes)
    how()
    person.sees(lambda: len(set(person.wiring.text.takes) - before) == 3 and not person.wiring.text.running)
    return sorted(
        (take for id_, take in person.wiring.text.takes.items() if id_ not in before), key=lambda t: t.index
    )


def test_what_was_not_checked_is_grey_with_the_reason_and_the_check_is_offered(person: Scripted) -> None:
    person.types(STORY)
    person.pane.editor.selectAll()
    lines = entries(person)
    assert lines.pop("Continue") and lines.pop("Check what this model can do")
    assert lines and not any(lines.values())
    assert all("(" in line for line in lines)
    person.sees(lambda: "(not checked yet)" in person.window.actions_by_id["act.rewrite"].text())
    person.does("act.rewrite")
    assert "Rewrite is not offered" in person.told and not person.wiring.text.running


def test_after_the_check_the_acts_are_offered_and_stay_so(story: Scripted, scripted) -> None:
    lines = entries(story)
    assert all(lines.values()), lines
    assert story.window.actions_by_id["act.rewrite"].text() == "Rewrite"
    story.window.close()
    again: Scripted = scripted()
    again.sees(lambda: again.window.actions_by_id["act.rewrite"].text() == "Rewrite")


def test_acts_need_a_selection(able: Scripted) -> None:
    able.types(STORY)
    lines = entries(able)
    assert lines["Continue"] and not any(on for line, on in lines.items() if "select a passage" in line)
    assert sum("select a passage" in line for line in lines) == 6
    able.does("act.rewrite")
    assert "Select the passage first" in able.told


@pytest.mark.parametrize("act", ["rewrite", "expand", "shorten", "describe"])
def test_an_act_asks_for_the_passage_and_its_take_replaces_it(story: Scripted, act: str) -> None:
    takes = asked(story, lambda: story.does(f"act.{act}"))
    job = takes[0].recipe.job
    assert (job.act, job.selection, job.at) == (act, "It rained.", 18)
    assert (job.prompt, job.suffix) == ("The fox ran home. ", " The end.")
    assert job.frame is not None and job.frame.act == act and job.trim == "none"
    assert takes[0].text == f"{act}0 It0 rained.0"
    story.does("take.accept")
    assert story.text == f"The fox ran home. {act}0 It0 rained.0 The end."
    authors = [run.author for run in story.pane.value().runs]
    assert authors == ["", takes[0].id, ""]
    story.does("edit.undo")
    assert story.text == STORY
    story.does("edit.redo")
    story.saved()
    kept = {take.id: take for take in story.session.reader.takes_of(story.wiring.text.work)}
    assert kept[takes[0].id].verdict == "accepted"


def test_another_wording_of_the_same_passage_replaces_the_first(story: Scripted) -> None:
    takes = asked(story, lambda: story.does("act.rewrite"))
    story.does("take.accept")
    story.pane.strip.choose(takes[2].id)
    story.does("take.accept")
    assert story.text == "The fox ran home. rewrite2 It2 rained.2 The end."
    story.does("edit.undo")
    assert story.text == STORY


def test_the_passage_is_found_again_after_edits_elsewhere(story: Scripted) -> None:
    asked(story, lambda: story.does("act.rewrite"))
    story.pane.editor.set_caret(0)
    story.types("Once, ")
    story.pane.editor.set_caret(len(story.text))
    story.types(" Really.")
    story.does("take.accept")
    assert story.text == "Once, The fox ran home. rewrite0 It0 rained.0 The end. Really."


def test_a_passage_that_was_changed_meanwhile_is_not_replaced(story: Scripted) -> None:
    asked(story, lambda: story.does("act.rewrite"))
    story.pane.editor.set_caret(20)
    story.types(" often")
    changed = story.text
    story.does("take.accept")
    assert story.text == changed and "has changed meanwhile" in story.told
    story.does("edit.undo")
    story.does("take.accept")
    assert story.text == "The fox ran home. rewrite0 It0 rained.0 The end.", "undone, it fits again"


def test_a_passage_that_was_locked_meanwhile_is_not_replaced(story: Scripted) -> None:
    asked(story, lambda: story.does("act.rewrite"))
    story.pane.editor.select(21, 25)
    story.does("edit.lock")
    story.does("take.accept")
    assert story.text == STORY and "locked" in story.told
    assert story.pane.strip.take_ids(), "the takes stay"


def test_a_passage_with_locked_words_is_not_asked_for(story: Scripted) -> None:
    story.pane.editor.select(21, 25)
    story.does("edit.lock")
    story.pane.editor.select(17, 29)
    story.does("act.rewrite")
    assert "locked" in story.told and not story.wiring.text.running


def test_the_box_chooses_what_propose_asks_and_goes_back_to_continue(story: Scripted) -> None:
    box = story.pane.prompt
    box.act_wanted.emit("shorten", "")
    assert box.acts.text() == "Shorten" and not story.wiring.text.running
    takes = asked(story, lambda: story.does("take.propose"))
    assert takes[0].recipe.job.act == "shorten"
    again = asked(story, lambda: story.does("take.regenerate"))
    assert again[0].recipe.job.act == "shorten" and again[0].recipe.job.selection == "It rained."
    story.pane.editor.set_caret(5)
    assert box.acts.text() == "Continue"
    takes = asked(story, lambda: story.does("take.propose"))
    assert takes[0].recipe.job.act == "continue"


def test_a_tone_from_the_list_is_the_instruction(story: Scripted) -> None:
    takes = asked(story, lambda: story.pane.act_requested.emit("tone", "tense"))
    assert (takes[0].recipe.job.act, takes[0].recipe.job.instruction) == ("tone", "tense")


def test_the_list_of_tones_is_the_persons_own(able: Scripted) -> None:
    able.wiring.acts.set_tones(("wistful", "dry"))
    menu = able.pane.prompt.acts.menu_of_tones(able.pane, lambda _act, _tone: None)
    assert [action.text() for action in menu.actions()][:2] == ["wistful", "dry"]
    menu.deleteLater()
    able.wiring.acts.set_tones(())
    assert able.wiring.acts.tones()[0] == "gentle"


def test_an_instruction_waits_for_its_words(story: Scripted) -> None:
    box = story.pane.prompt
    story.window.activateWindow()
    story.does("act.instruct")
    story.sees(box.instruction.hasFocus)
    assert not story.wiring.text.running
    QTest.keyClick(box.instruction, Qt.Key.Key_Return)
    assert "what should become of the passage" in story.told and not story.wiring.text.running
    QTest.keyClicks(box.instruction, "as a letter")
    takes = asked(story, lambda: QTest.keyClick(box.instruction, Qt.Key.Key_Return))
    assert (takes[0].recipe.job.act, takes[0].recipe.job.instruction) == ("instruct", "as a letter")
    assert story.pane.selection() == (17, 29), "the passage stays marked meanwhile"


def test_the_context_menu_of_the_text_offers_acts_for_a_selection(story: Scripted) -> None:
    menu = story.pane.editor.context_menu()
    acts = next(action.menu() for action in menu.actions() if action.text() == "Ask the model")
    rewrite = next(action for action in acts.actions() if action.text() == "Rewrite")
    takes = asked(story, rewrite.trigger)
    assert takes[0].recipe.job.act == "rewrite"
    assert any(action.text() == "Lock" and action.isEnabled() for action in menu.actions())
    menu.deleteLater()


def test_takes_of_an_act_are_no_ghost(story: Scripted) -> None:
    asked(story, lambda: story.does("act.rewrite"))
    story.pane.editor.set_caret(18)
    assert story.pane.editor.ghost() == ""


def test_a_check_is_stopped_with_escape_and_says_how_far_it_is(scripted) -> None:
    person: Scripted = scripted("slow")
    person.does("tools.check_model")
    person.sees(lambda: "50%" in person.pane.prompt.notice.text().replace(" ", ""))
    person.does("take.stop")
    person.sees(lambda: not person.wiring.acts.checking)
    assert "Checking" not in person.pane.prompt.notice.text()


def test_what_propose_would_ask_is_told_without_asking(story: Scripted) -> None:
    story.pane.prompt.act_wanted.emit("expand", "")
    head = story.session.history(story.wiring.text.work).head
    job = story.wiring.text.job_now()
    assert job is not None and (job.act, job.selection, job.parent) == ("expand", "It rained.", head)
    assert not story.wiring.text.running and not story.wiring.text.takes
