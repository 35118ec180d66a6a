"""The running summary: offered when a text's beginning is cut off, written by the model, kept for the person."""

import pytest
from msgspec.structs import replace

from studio.app.summary_desk import COVERS
from studio.core.takes import Made
from tests.app.conftest import Scripted

LINE = "The fox ran over the hill and into the wood. "
MADE = Made(
    model_sha256="0" * 64, family="fake", device="cpu", dtype="float32", threads=1, chunk_tokens=64,
    prompt_tokens=1, reused_tokens=0, computed_tokens=1,
)  # fmt: skip


@pytest.fixture
def long(person: Scripted) -> Scripted:
    """Someone with 9,000 characters, whose model can summarise and did not read the first 4,000."""
    person.wiring.models.context_chars = lambda _model: 24_000
    person.does("tools.check_model")
    person.sees(lambda: not person.wiring.acts.checking)
    person.window.messages.clear()
    person.pane.editor.insert_text(LINE * 200)
    person.pane.flush()
    person.pane.editor.set_caret(len(person.text))
    return person


def cut(person: Scripted, chars: int) -> None:
    """Takes were made, and so many characters of the beginning were left out."""
    job = person.wiring.text.job_now()
    assert job is not None
    hidden = job.at - len(job.prompt)
    person.wiring.text.seen.emit(job, replace(MADE, prompt_cut_chars=chars - hidden))


def summary(person: Scripted) -> str:
    return person.wiring.lore.notes_of(person.wiring.text.work).summary


def test_nothing_is_offered_while_all_of_the_text_is_read(person: Scripted) -> None:
    person.types("Once upon a time.")
    person.proposes()
    assert "fits" not in person.told and "no longer" not in person.told
    person.wiring.lore.summarise_requested.emit(person.wiring.text.work)
    assert person.told and not person.wiring.summary.running


def test_a_cut_beginning_is_offered_once_and_summarised_on_request(long: Scripted) -> None:
    cut(long, 4_000)
    assert "no longer fits" in long.told
    long.window.messages.clear()
    cut(long, 4_000)
    assert not long.told, "once is enough"
    work = long.wiring.text.work
    long.wiring.lore.summarise_requested.emit(work)
    long.sees(lambda: not long.wiring.summary.running)
    assert summary(long).startswith("summarise0 ")
    notes = long.wiring.lore.notes_of(work)
    assert notes.covers_chars >= 4_000
    assert long.text == LINE * 200 and long.pane.strip.take_ids() == [] and not long.wiring.text.takes
    long.saved()
    assert long.session.reader.facts(work)[COVERS] == notes.covers_chars
    kept = long.session.reader.takes_of(work)
    assert {take.recipe.job.act for take in kept} == {"summarise"}, "the take itself is kept"


def test_the_next_summary_carries_on_from_the_last_and_an_emptied_one_begins_anew(long: Scripted) -> None:
    work, lore = long.wiring.text.work, long.wiring.lore
    cut(long, 4_000)
    lore.summarise_requested.emit(work)
    long.sees(lambda: not long.wiring.summary.running)
    first = lore.notes_of(work).covers_chars
    lore.set_summary(work, "The fox ran.", first)
    cut(long, 7_000)
    lore.summarise_requested.emit(work)
    long.sees(lambda: not long.wiring.summary.running)
    long.saved()
    jobs = [take.recipe.job for take in long.session.reader.takes_of(work)]
    assert len(jobs) == 2 and jobs[1].selection.startswith("The fox ran.\n\n")
    assert lore.notes_of(work).covers_chars >= 7_000 > first
    lore.set_summary(work, "", 0)
    lore.summarise_requested.emit(work)
    long.sees(lambda: not long.wiring.summary.running)
    long.saved()
    begun = [take.recipe.job for take in long.session.reader.takes_of(work)][len(jobs)]
    assert begun.selection.startswith(LINE.strip()[:20])


def test_a_model_that_cannot_summarise_says_so(person: Scripted) -> None:
    person.pane.editor.insert_text(LINE * 200)
    person.pane.flush()
    cut(person, 4_000)
    assert not person.told, "nothing is offered that can't be done"
    person.wiring.lore.summarise_requested.emit(person.wiring.text.work)
    assert "summarising" in person.told and not person.wiring.summary.running
