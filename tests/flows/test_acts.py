"""Acts, ghost text and looks inside with real models: the starter, and a tiny instruct model."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget

from studio.core.events import ActCheck, Checked
from studio.media.frames import frame_sha256
from studio.media.inside import token_at, token_span
from studio.media.spans import HUMAN
from tests.flows.conftest import MODEL_WAIT_MS, OPENING, Person
from tests.tiny_models import make_model

CTRL = Qt.KeyboardModifier.ControlModifier
CHAT = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def able_to(person: Person, model: Path) -> None:
    """Keep for this model that it passed every check, as a check would."""
    desk = person.wiring.acts
    acts = tuple(
        ActCheck(act=frame.act, passed=20, of=20, need=16, frame_sha256=frame_sha256(frame))
        for frame in desk._templates().values()
    )
    desk._abilities.note(Checked(id="c", model=str(model), model_sha256="0" * 64, acts=acts))
    desk.refresh()


@pytest.fixture
def instructed(person: Person, tmp_path: Path) -> Person:
    """A window with a tiny model that has a chat template chosen."""
    folder = make_model(tmp_path / "chatty", fill_in=False, max_position_embeddings=1024).resolve()
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "chat_template": CHAT}))
    person.wiring.tasks.start(person.wiring.models.add(folder))
    person.sees(lambda: person.pane.prompt.values().model == str(folder))
    able_to(person, folder)
    return person


def test_a_passage_is_put_to_an_instruct_model_and_replaced_by_its_answer(instructed: Person) -> None:
    person = instructed
    person.types("The fox ran home. It rained. The end.")
    person.pane.editor.select(18, 28)
    takes = person.proposes("act.rewrite")
    job, made = takes[0].recipe.job, takes[0].recipe.made
    assert (job.act, job.selection) == ("rewrite", "It rained.") and made is not None
    assert {part.kind for part in made.parts} >= {"frame", "selection"}
    text = next(take for take in takes if take.text).text
    person.pane.strip.choose(next(take for take in takes if take.text).id)
    person.does("take.accept")
    assert person.text == f"The fox ran home. {text} The end."
    assert len({run.author for run in person.pane.value().runs}) == 2
    person.does("edit.undo")
    assert person.text == "The fox ran home. It rained. The end."


def test_pieces_of_a_real_take_make_the_whole_of_it(person: Person) -> None:
    person.types(OPENING)
    take = person.proposes()[0]
    person.window.activateWindow()
    person.pane.focus_editor()
    person.sees(person.pane.editor.ghost_shows)
    QTest.keyClick(person.pane.editor, Qt.Key.Key_Tab)
    first = person.text[len(OPENING) :]
    assert first and take.text.startswith(first) and len(first.split()) == 1
    QTest.keyClick(person.pane.editor, Qt.Key.Key_Right, CTRL)
    person.does("take.accept")
    assert person.text == OPENING + take.text
    assert [run.author for run in person.pane.value().runs] == [HUMAN, take.id]


def test_a_real_takes_words_have_alternatives_that_lead_to_a_branch(person: Person) -> None:
    person.types(OPENING)
    take = person.proposes()[0]
    person.does("take.accept")
    place = len(OPENING) + len(take.text) // 2
    person.pane.token_asked.emit("", place, QPoint(100, 100))
    popover = person.wiring.inside.popover
    assert popover is not None and popover.isVisible()
    rows = popover.findChild(QListWidget)
    assert rows.count() == 10
    rows.setCurrentRow(next(row for row in range(10) if row != rows.currentRow()))
    before = set(person.wiring.text.takes)
    QTest.keyClick(rows, Qt.Key.Key_Return)
    person.sees(
        lambda: len(person.wiring.text.takes) == len(before) + 3 and not person.wiring.text.running,
        MODEL_WAIT_MS,
    )
    new = [other for id_, other in person.wiring.text.takes.items() if id_ not in before]
    lead = new[0].recipe.job.lead
    tokens = person.wiring.projects.session.reader.take_tokens(take.id)
    start, end = token_span(tokens, token_at(tokens, place - len(OPENING)))
    assert lead[:start] == take.text[:start] and lead != take.text[:end]
    assert all(other.text.startswith(lead) for other in new)
    person.does("take.accept")
    assert person.text == OPENING + new[0].text
    session = person.wiring.projects.session
    tokens = session.reader.take_tokens(new[0].id)
    assert tokens[-1].end == len(new[0].text) and all(token.others for token in tokens)
