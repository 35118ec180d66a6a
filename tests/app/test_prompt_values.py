"""The prompt box's note and knobs belong to the project, the model to the window."""

from msgspec.structs import replace

from studio.app.prompt_values import KEY
from studio.core.jobs import Sampling
from tests.app.conftest import Scripted


def kept_by(person: Scripted) -> dict | None:
    person.saved()
    return person.session.reader.get_setting(KEY)


def test_a_change_is_kept_a_moment_later_without_the_model(person: Scripted) -> None:
    prompt = person.pane.prompt
    prompt.note.setPlainText("A fox in winter.")
    person.sees(lambda: kept_by(person) is not None)
    kept = kept_by(person)
    assert kept["note"] == "A fox in winter." and kept["model"] == ""
    assert prompt.values().model != ""


def test_many_changes_in_a_row_are_one_write(person: Scripted) -> None:
    writes: list[str] = []
    real = person.session.write

    def counting(work):
        writes.append("one")
        return real(work)

    person.session.write = counting
    for letter in "a fox":
        person.pane.prompt.note.insertPlainText(letter)
    person.sees(lambda: bool(writes))
    person.sees(lambda: not person.wiring.text._values._timer.isActive())
    assert writes == ["one"]


def test_values_come_back_with_the_project_and_the_model_stays(scripted) -> None:
    person: Scripted = scripted()
    prompt = person.pane.prompt
    wanted = replace(
        prompt.values(), note="In winter.", takes=5, tokens=33, sampling=Sampling(temperature=1.5, top_k=7)
    )
    prompt.set_values(wanted)
    prompt.changed.emit()
    folder = person.session.folder
    person.wiring.close()
    again: Scripted = scripted(project=folder)
    assert again.pane.prompt.values() == wanted


def test_leaving_at_once_loses_no_change(scripted) -> None:
    person: Scripted = scripted()
    folder = person.session.folder
    person.pane.prompt.note.setPlainText("Just typed.")
    person.wiring.close()
    again: Scripted = scripted(project=folder)
    assert again.pane.prompt.values().note == "Just typed."


def test_values_of_another_version_are_left_alone(scripted) -> None:
    person: Scripted = scripted()
    folder = person.session.folder
    person.session.write(lambda store: store.set_setting(KEY, {"takes": "many"})).result()
    person.wiring.close()
    again: Scripted = scripted(project=folder)
    assert again.pane.prompt.values().takes == 3
    assert again.told == ""


def test_opening_a_project_writes_no_values(person: Scripted) -> None:
    assert kept_by(person) is None
    assert not person.wiring.text._values._timer.isActive()
