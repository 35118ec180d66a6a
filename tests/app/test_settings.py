"""What is remembered between launches, and what is made of a damaged file."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from studio.app.places import Places
from studio.app.settings import RECENT_MAX, Settings


@pytest.fixture
def places(own_home: Path) -> Places:
    return Places(data=own_home)


@pytest.fixture
def settings(places: Places) -> Settings:
    return Settings(places)


def test_recent_projects_are_newest_first_once_each_and_survive(
    settings: Settings, places: Places, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a, “b”.atelier", "Näme.atelier", "c.atelier")]
    for folder in folders:
        folder.mkdir()
        settings.add_recent(folder)
    settings.add_recent(folders[0])
    assert settings.recent() == [folders[0], folders[2], folders[1]]
    assert Settings(places).recent() == [folders[0], folders[2], folders[1]]


def test_recent_projects_that_are_gone_are_left_out(settings: Settings, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        settings.add_recent(tmp_path / name)
    (tmp_path / "b").rmdir()
    (tmp_path / "b").write_text("a file now")
    assert settings.recent() == [tmp_path / "a"]


def test_no_more_recent_projects_than_a_menu_holds(settings: Settings, tmp_path: Path) -> None:
    for number in range(RECENT_MAX + 3):
        (tmp_path / str(number)).mkdir()
        settings.add_recent(tmp_path / str(number))
    assert [folder.name for folder in settings.recent()] == [str(n) for n in range(RECENT_MAX + 2, 2, -1)]


@pytest.mark.parametrize("content", ["", "{", "null", '{"a": 1}', "[1, 2]", "a, b", "\\x00"])
def test_a_recent_list_that_cannot_be_read_is_empty_and_can_be_added_to(
    places: Places, tmp_path: Path, content: str
) -> None:
    places.data.mkdir(parents=True)
    places.settings_file.write_text(f"[General]\nrecent={content}\n", "utf-8")
    settings = Settings(places)
    assert settings.recent() == []
    settings.add_recent(tmp_path)
    assert settings.recent() == [tmp_path]


@pytest.mark.parametrize(
    ("kept", "scheme"), [("light", "light"), ("dark", "dark"), ("system", "system"), ("purple", "system")]
)
def test_scheme_is_one_of_three(settings: Settings, kept: str, scheme: str) -> None:
    assert settings.scheme() == "system"
    settings.keep("view/theme", kept)
    assert settings.scheme() == scheme


def test_flags_texts_and_states_come_back_from_the_file(settings: Settings, places: Places) -> None:
    assert settings.flag("on", True) and not settings.flag("on", False)
    settings.keep("on", False)
    settings.keep("words", "a, b; “c”")
    settings.keep("layout", QByteArray(b"\x00\xff,"))
    settings.keep("no-layout", "text")
    settings.sync()
    again = Settings(places)
    assert not again.flag("on", True)
    assert again.text("words") == "a, b; “c”"
    assert again.state("layout") == QByteArray(b"\x00\xff,")
    assert again.state("no-layout") is None and again.state("never") is None


def test_a_forgotten_value_is_the_default_again(settings: Settings) -> None:
    settings.keep("key", "value")
    settings.forget("key")
    assert settings.text("key", "default") == "default"
