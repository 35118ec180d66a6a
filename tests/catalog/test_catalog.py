"""The list of models survives, forgets without deleting, and never breaks over one bad folder."""

from pathlib import Path

import pytest

from studio.catalog.catalog import Catalog
from studio.core.errors import StudioError
from tests.catalog.llama_folder import write_folder


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data" / "models.json", [write_folder(tmp_path / "starter")])


def test_added_folders_are_remembered_after_the_starters(catalog: Catalog, tmp_path: Path) -> None:
    added = write_folder(tmp_path / "added")
    assert catalog.add(added).family == "llama"
    catalog.add(added)
    again = Catalog(tmp_path / "data" / "models.json", [tmp_path / "starter"]).models()
    assert [(card.title, card.starter, card.usable) for card in again] == [
        ("starter", True, True), ("added", False, True),
    ]  # fmt: skip


def test_a_folder_that_cannot_be_used_is_not_added(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(StudioError):
        catalog.add(tmp_path / "nowhere")
    assert catalog.folders() == []


def test_a_folder_that_went_bad_is_listed_with_the_reason(catalog: Catalog, tmp_path: Path) -> None:
    added = write_folder(tmp_path / "added")
    catalog.add(added)
    (added / "tokenizer.json").unlink()
    card = catalog.models()[1]
    assert not card.usable
    assert "tokenizer.json is missing" in card.why_not
    assert catalog.models()[0].usable


def test_removing_forgets_and_deletes_nothing(catalog: Catalog, tmp_path: Path) -> None:
    added = write_folder(tmp_path / "added")
    catalog.add(added)
    catalog.remove(added)
    assert catalog.folders() == []
    assert (added / "model.safetensors").is_file()
    with pytest.raises(StudioError, match="not in the list"):
        catalog.remove(added)
    with pytest.raises(StudioError, match="came with the program"):
        catalog.remove(tmp_path / "starter")


def test_a_damaged_list_is_put_aside_not_lost(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "data" / "models.json"
    file.parent.mkdir()
    file.write_text("{ half")
    assert [card.starter for card in catalog.models()] == [True]
    catalog.add(write_folder(tmp_path / "added"))
    assert len(catalog.folders()) == 1
    assert file.with_name("models.json.damaged").read_text() == "{ half"
