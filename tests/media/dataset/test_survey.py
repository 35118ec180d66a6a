"""The folder doctor as a whole, for each art: sides, doubles, order, and a folder that stays as it is."""

from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.tuning import ARTS, Art, DataSettings, TuneSettings
from studio.media.dataset.found import Side, Survey, keep, kept
from studio.media.dataset.survey import survey
from tests.media.dataset import given_pictures, given_pieces
from tests.media.dataset.folders import fill, prose, state

ENDINGS: dict[Art, str] = {"text": "txt", "image": "png", "music": "mid"}


def filled(folder: Path, art: Art) -> Path:
    """Twelve documents, of which the last is a copy, and a file that is none."""
    for number in [*range(11), 3]:
        name = f"{number:02}" if not (folder / f"{number:02}.{ENDINGS[art]}").exists() else "sub/copy"
        match art:
            case "text":
                fill(folder, {f"{name}.txt": prose(number)})
            case "image":
                given_pictures.put(
                    folder, f"{name}.png", given_pictures.drawn(number), caption=f"number {number}"
                )
            case "music":
                given_pieces.put(folder, f"{name}.mid", given_pieces.piece(number))
    return fill(folder, {"notes.xyz": "nothing", ".hidden.txt": "nothing"})


def surveyed(folder: Path, art: Art, known: dict[str, Side] | None = None, **data: object) -> Survey:
    settings = TuneSettings(art=art, base="", folder=str(folder), data=DataSettings(**data))  # type: ignore[arg-type]
    return survey(settings, lambda _done, _words: None, lambda: False, known or {})


@pytest.mark.parametrize("art", ARTS)
def test_every_art_is_looked_through_alike(tmp_path: Path, art: Art) -> None:
    folder = filled(tmp_path / "f", art)
    before = state(folder)
    found = surveyed(folder, art)
    ending = ENDINGS[art]
    assert [document.file for document in found.documents] == [
        f"{number:02}.{ending}" for number in range(11)
    ]
    assert [len(found.on(side)) for side in ("train", "validation", "test")] == [9, 1, 1]
    (copy,) = [problem for problem in found.problems if problem.left_out]
    assert (copy.file, copy.other, copy.finding) == (f"sub/copy.{ending}", f"03.{ending}", "duplicate")
    assert found == surveyed(folder, art)
    assert state(folder) == before
    keep(found, tmp_path / "data")
    assert kept(tmp_path / "data") == found


@pytest.mark.parametrize("art", ARTS)
def test_copies_that_stay_share_a_side(tmp_path: Path, art: Art) -> None:
    folder = filled(tmp_path / "f", art)
    for seed in range(6):
        found = surveyed(folder, art, drop_duplicates=False, validation=0.4, test=0.3, seed=seed)
        side = {document.file: document.side for document in found.documents}
        assert len(side) == 12
        assert side[f"03.{ENDINGS[art]}"] == side[f"sub/copy.{ENDINGS[art]}"]


@pytest.mark.parametrize("art", ARTS)
def test_a_folder_of_nothing_is_a_survey_without_documents(tmp_path: Path, art: Art) -> None:
    found = surveyed(fill(tmp_path / "f", {"notes.xyz": "nothing"}), art)
    assert (found.documents, found.seen, found.passed_over, found.notes) == ((), 1, 1, ())


def test_sides_of_an_earlier_run_stay(tmp_path: Path) -> None:
    folder = filled(tmp_path / "f", "text")
    old = surveyed(folder, "text")
    known = {document.sha256: document.side for document in old.documents}
    fill(folder, {f"new{number}.txt": prose(100 + number) for number in range(20)})
    new = surveyed(folder, "text", known)
    sides = {document.sha256: document.side for document in new.documents}
    assert {sha256: sides[sha256] for sha256 in known} == known
    assert len(new.on("test")) > 1


def test_what_is_left_out_comes_first(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"a.txt": prose(1) + " anna@mail.org", "b.txt": "short", "c.txt": prose(2)})
    assert [problem.file for problem in surveyed(folder, "text").problems] == ["b.txt", "a.txt"]


def test_a_folder_in_the_persons_home_may_be_named_shortly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    fill(tmp_path / "f", {"a.txt": prose(1)})
    assert surveyed(Path("~/f"), "text").folder == str(tmp_path / "f")


@pytest.mark.parametrize("name", ["", " ", "/nowhere/at/all"])
def test_a_missing_folder_is_an_error(name: str) -> None:
    settings = TuneSettings(art="music", base="", folder=name)
    with pytest.raises(StudioError) as caught:
        survey(settings, lambda _done, _words: None, lambda: False)
    assert caught.value.code == "no_folder"
