"""Models that write notes: the chosen one is kept and loaded, others are added, what is none is not offered."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QComboBox

from studio.app.models_desk import STARTER_TITLE
from studio.app.piece_models import CHOSEN
from studio.core.resources import STARTERS, starter_model
from tests.app.conftest import Scripted
from tests.app.piece_person import Composer
from tests.catalog.music_folder import write_music_folder


def menu(composer: Composer) -> list[tuple[str, bool]]:
    combo = next(iter(composer.prompt.findChildren(QComboBox)))
    lines = combo.model()
    return [(combo.itemText(row), lines.item(row).isEnabled()) for row in range(combo.count())]


def test_the_starter_is_chosen_named_and_loaded(composer: Composer, music_starter: Path) -> None:
    models = composer.piece.models
    assert models.chosen == str(music_starter) and models.why_not(models.chosen) == ""
    assert menu(composer) == [("Starter music model", True), ("Add a model folder…", True)]
    titles = models.titles()
    assert titles[str(music_starter)] == "Starter music model" and STARTER_TITLE in titles.values()
    assert models.card is not None and models.card.kind == "music"
    assert (
        "drums" in models.why_not(models.chosen, "drums").lower()
        and models.why_not(models.chosen, "infill") == ""
    )


def test_a_folder_is_added_chosen_kept_and_asked_for_takes(composer: Composer, tmp_path: Path) -> None:
    other = write_music_folder(tmp_path / "mine", drums=True).resolve()
    composer.waits_for(composer.wiring.models.add(other))
    models = composer.piece.models
    composer.sees(lambda: models.chosen == str(other))
    assert composer.wiring.settings.text(CHOSEN) == str(other)
    assert menu(composer)[1][0].startswith("mine")
    assert models.why_not(models.chosen, "drums") == ""
    composer.sees(lambda: composer.prompt.task.offered()["Drums"] == "")
    (take,) = composer.asks(1, "drums")
    job = take.recipe.composing
    assert job.model == str(other) and job.new is not None and job.new.drums


def test_another_choice_is_kept(composer: Composer, tmp_path: Path, music_starter: Path) -> None:
    other = write_music_folder(tmp_path / "mine").resolve()
    composer.waits_for(composer.wiring.models.add(other))
    composer.sees(lambda: composer.piece.models.chosen == str(other))
    composer.prompt.model_chosen.emit(str(music_starter))
    assert composer.piece.models.chosen == str(music_starter) == composer.wiring.settings.text(CHOSEN)
    composer.prompt.model_chosen.emit("/gone")
    assert composer.piece.models.chosen == str(music_starter), "what is not in the list is not chosen"
    assert composer.wiring.settings.text(CHOSEN) == str(music_starter)
    assert "not in the list" in composer.piece.models.why_not("/gone")
    assert composer.piece.models.why_not("") == "No model is chosen."


def test_a_model_that_writes_text_is_not_offered_here(composer: Composer, starter: Path) -> None:
    assert composer.piece.models.why_not(str(starter)) != ""
    composer.waits_for(composer.wiring.models.add(starter))
    assert [title for title, _ in menu(composer)] == ["Starter music model", "Add a model folder…"]


def test_without_a_model_the_box_says_so_and_nothing_is_asked(scripted: Callable[..., Scripted]) -> None:
    person = scripted()
    person.does("work.piece")
    composer = Composer(person.wiring, person.qtbot)
    assert composer.piece.models.chosen == ""
    composer.sees(lambda: "No model that writes notes was found" in composer.prompt.sentence.text())
    composer.does("take.propose")
    composer.sees(lambda: "No model is chosen" in composer.told)
    assert not composer.piece.running


def test_the_starters_are_told_in_one_place() -> None:
    assert STARTERS == ("story", "picture", "sketch")
    assert starter_model("sketch").name == "sketch"
