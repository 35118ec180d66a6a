"""Lists that several programs change at once: the window, the command line, a fine-tuning that ends."""

import threading
from pathlib import Path

import pytest
from filelock import FileLock

from studio.catalog import lists
from studio.catalog.catalog import Catalog
from studio.core.errors import StudioError
from tests.catalog.llama_folder import write_folder


def test_what_several_add_at_once_is_all_there(tmp_path: Path) -> None:
    folders = [write_folder(tmp_path / str(number)) for number in range(12)]
    threads = [
        threading.Thread(target=Catalog(tmp_path / "data" / "models.json").add, args=(folder,))
        for folder in folders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Catalog(tmp_path / "data" / "models.json").folders()) == sorted(folders)


def test_a_list_that_another_program_does_not_let_go_of_is_said(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(lists, "_WAIT_S", 0.05)
    folder, catalog = write_folder(tmp_path / "model"), Catalog(tmp_path / "models.json")
    with FileLock(tmp_path / ".models.json.lock"), pytest.raises(StudioError) as refused:
        catalog.add(folder)
    assert refused.value.code == "busy" and refused.value.kept and refused.value.do
    catalog.add(folder)
    assert catalog.folders() == [folder]
