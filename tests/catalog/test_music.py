"""Music models on their cards: what they can be asked for, and why not."""

import json
from pathlib import Path

from studio.catalog.inspect import inspect_model
from studio.catalog.music import DESCRIPTION
from studio.core.pieces import TASKS
from tests.catalog.llama_folder import write_folder
from tests.catalog.music_folder import write_music_folder

NO_DRUMS = "This model never saw drums: fine-tune it on your own drum files, or add one that did."


def test_a_model_without_drums_can_all_but_those_and_says_what_to_do(tmp_path: Path) -> None:
    card = inspect_model(write_music_folder(tmp_path / "notes"))
    assert card.kind == "music"
    assert card.modes == dict.fromkeys(TASKS, "") | {"drums": NO_DRUMS}


def test_a_model_with_drums_can_all(tmp_path: Path) -> None:
    card = inspect_model(write_music_folder(tmp_path / "notes", drums=True))
    assert card.modes == dict.fromkeys(TASKS, "")


def test_a_model_that_does_not_say_so_never_saw_drums(tmp_path: Path) -> None:
    folder = write_music_folder(tmp_path / "notes", drums=True)
    found = json.loads((folder / DESCRIPTION).read_text())
    del found["drums"]
    (folder / DESCRIPTION).write_text(json.dumps(found))
    assert inspect_model(folder).modes["drums"] == NO_DRUMS


def test_a_writing_model_has_no_music_tasks(tmp_path: Path) -> None:
    assert inspect_model(write_folder(tmp_path / "words")).modes == {}
