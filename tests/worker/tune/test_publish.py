"""A result gets into its place and into the lists: never over anything, and whole however often it is killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from studio.catalog.catalog import Catalog
from studio.core.errors import StudioError
from studio.worker.tune import publish as publishing
from studio.worker.tune.publish import pending, publish, seal
from tests.worker.tune.small_result import FINISHED, files_of, sealed_run, write_result

ROOT = Path(__file__).resolve().parents[3]
Notes = list[tuple[str, str, str]]


@pytest.fixture
def notes() -> Notes:
    return []


def note_into(notes: Notes):
    return lambda *words: notes.append(words)


def test_a_result_lies_in_its_run_and_where_it_was_asked_for_and_is_listed(
    tmp_path: Path, notes: Notes
) -> None:
    run = sealed_run(tmp_path / "runs", out := tmp_path / "adapters" / "mine")
    finished = publish(run, str(out), tmp_path / "models.json", note_into(notes))
    assert files_of(run.result) == files_of(out) and len(files_of(out)) == 3
    assert finished.adapter == str(out) and finished.card == str(out / "README.md")
    assert finished.diagnosis == FINISHED.diagnosis and finished.test == FINISHED.test and finished.stopped
    card = next(card for card in Catalog(tmp_path / "models.json").models() if card.path == str(out))
    assert card.kind == "adapter" and card.usable and card.title == "mine"
    assert not notes and not (run.path / "staged").exists()


def test_a_result_without_a_place_of_its_own_stays_in_its_run(tmp_path: Path, notes: Notes) -> None:
    run = sealed_run(tmp_path / "runs")
    finished = publish(run, "", tmp_path / "models.json", note_into(notes))
    assert finished.adapter == str(run.result)
    assert Catalog(tmp_path / "models.json").folders() == [run.result]


def test_nothing_is_written_over(tmp_path: Path, notes: Notes) -> None:
    out = write_result(tmp_path / "adapters" / "mine")
    (out / "README.md").write_text("older")
    (tmp_path / "adapters" / "mine 2").write_text("a file")
    before = files_of(out)
    run = sealed_run(tmp_path / "runs", out)
    finished = publish(run, str(out), None, note_into(notes))
    assert finished.adapter == str(tmp_path / "adapters" / "mine 3")
    assert files_of(out) == before and files_of(Path(finished.adapter)) == files_of(run.result)


def test_an_empty_folder_is_taken_as_the_place(tmp_path: Path, notes: Notes) -> None:
    (out := tmp_path / "mine").mkdir()
    assert publish(sealed_run(tmp_path / "runs", out), str(out), None, note_into(notes)).adapter == str(out)
    assert len(files_of(out)) == 3


def test_a_place_that_cannot_be_written_to_leaves_the_result_in_the_run(tmp_path: Path, notes: Notes) -> None:
    (tmp_path / "file").write_text("not a folder")
    out = tmp_path / "file" / "mine"
    run = sealed_run(tmp_path / "runs", out)
    finished = publish(run, str(out), tmp_path / "models.json", note_into(notes))
    assert finished.adapter == str(run.result) and len(files_of(run.result)) == 3
    assert "Could not write the result" in notes[0][0] and str(run.result) in notes[0][1]
    assert Catalog(tmp_path / "models.json").folders() == [run.result]


def test_what_the_catalog_does_not_know_is_kept_and_said(tmp_path: Path, notes: Notes) -> None:
    run = sealed_run(tmp_path / "runs", out := tmp_path / "mine")
    (run.path / "staged" / "pytorch_lora_weights.safetensors").write_bytes(b"no weights")
    finished = publish(run, str(out), tmp_path / "models.json", note_into(notes))
    assert finished.adapter == str(out) and notes[0][2] == "not_listed"


def test_a_second_result_of_a_run_puts_the_first_one_aside(tmp_path: Path, notes: Notes) -> None:
    run = sealed_run(tmp_path / "runs")
    publish(run, "", None, note_into(notes))
    seal(run, write_result(run.path / "staged"), FINISHED)
    (run.path / "staged" / "README.md").write_text("second")
    publish(run, "", None, note_into(notes))
    assert (run.result / "README.md").read_text() == "second"
    assert (run.path / "result-1" / "README.md").read_text() == "What it learnt.\n"


def test_large_files_are_not_kept_twice(
    tmp_path: Path, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_LINKED_BYTES", 1000)
    run = sealed_run(tmp_path / "runs", out := tmp_path / "mine")
    publish(run, str(out), None, note_into(notes))
    weights, card = "pytorch_lora_weights.safetensors", "README.md"
    assert (out / weights).samefile(run.result / weights)
    assert not (out / card).samefile(run.result / card)


def test_a_run_that_was_not_sealed_is_not_pending(tmp_path: Path) -> None:
    run = sealed_run(tmp_path / "runs")
    assert pending(run)
    run.finished_file.write_bytes(run.finished_file.read_bytes()[:-5])
    assert not pending(run)
    with pytest.raises(StudioError) as refused:
        seal(run, run.path / "nowhere", FINISHED)
    assert refused.value.kept


def test_killed_before_any_touch_of_the_disk_it_is_published_once_and_whole(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.worker.tune.killed_publish", str(tmp_path)]
    said = subprocess.run(program, capture_output=True, text=True, timeout=100, check=True, cwd=ROOT).stdout
    assert said.splitlines()[0].startswith("survived"), said
    assert int(said.split()[-1]) > 20
