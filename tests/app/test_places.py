"""Where Atelier keeps its own files."""

from pathlib import Path

import platformdirs
import pytest

from studio.app.places import Places


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_HOME", str(tmp_path / "mine"))
    assert Places.default().data == tmp_path / "mine"


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_wish_it_is_the_systems_folder(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("ATELIER_HOME")
    if value is not None:
        monkeypatch.setenv("ATELIER_HOME", value)
    assert Places.default().data == platformdirs.user_data_path("Atelier", appauthor=False)


def test_everything_lies_in_the_one_folder_and_nothing_is_made_by_asking(tmp_path: Path) -> None:
    places = Places(data=tmp_path / "data")
    asked = (places.projects, places.settings_file, places.models_file, places.logs, places.worker_log())
    assert all(path.is_relative_to(places.data) for path in asked)
    assert len(set(asked)) == len(asked)
    assert not places.data.exists()


def test_a_new_project_never_takes_a_folder_that_exists(tmp_path: Path) -> None:
    places = Places(data=tmp_path)
    names = []
    for _ in range(3):
        folder = places.new_project_folder("Untitled")
        names.append(folder.name)
        folder.mkdir(parents=True)
    assert names == ["Untitled.atelier", "Untitled 2.atelier", "Untitled 3.atelier"]
