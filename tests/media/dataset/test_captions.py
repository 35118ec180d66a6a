"""Editing captions: many at once, undone and redone, kept outside the person's folder."""

from pathlib import Path

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.core.tuning import ImageSettings
from studio.media.dataset.captions import (
    UNDO_MOST,
    Captions,
    edits_file,
    prefixed,
    put,
    read_edits,
    says,
    spoken,
    suffixed,
    swapped,
    without,
    write_edits,
)
from studio.media.dataset.captions_given import Caption

FILES = ("a.png", "b.png", "c.png")


@pytest.fixture
def captions() -> Captions:
    return Captions(
        given={"a.png": Caption("a cat, black", "txt"), "b.png": Caption("a dog", "metadata.csv")}
    )


def texts(captions: Captions) -> list[str]:
    return [captions.of(file).text for file in FILES]


def test_what_the_person_writes_goes_before_the_folders(captions: Captions) -> None:
    edited = captions.edited(["b.png"], put("two\n dogs"), "Caption")
    assert (edited.of("b.png"), edited.of("a.png")) == (
        Caption("two dogs", "edited"),
        Caption("a cat, black", "txt"),
    )
    assert captions.of("b.png").text == "a dog"
    assert edited.reverted(FILES, "Back").of("b.png") == Caption("a dog", "metadata.csv")
    assert captions.of("c.png") == Caption("", "")


def test_batch_edits(captions: Captions) -> None:
    assert texts(captions.edited(FILES, prefixed("sks"), "")) == ["sks, a cat, black", "sks, a dog", "sks"]
    assert texts(captions.edited(FILES, suffixed("black"), "")) == ["a cat, black", "a dog, black", "black"]
    assert texts(captions.edited(FILES, without("Black"), "")) == ["a cat", "a dog", ""]
    assert texts(captions.edited(FILES, without("a"), "")) == ["cat, black", "dog", ""]
    assert texts(captions.edited(FILES, swapped("DOG", r"\1 hound"), "")) == [
        "a cat, black",
        r"a \1 hound",
        "",
    ]


def test_an_edit_that_changes_nothing_is_none_and_the_trigger_comes_once(captions: Captions) -> None:
    once = captions.edited(FILES, prefixed("sks"), "Trigger")
    assert once.edited(FILES, prefixed("sks"), "Trigger") is once
    assert captions.edited(FILES, swapped("ca", "x"), "Replace") is captions  # no word begins or ends there
    assert captions.reverted(FILES, "Back") is captions


def test_undo_and_redo(captions: Captions) -> None:
    one = captions.edited(FILES, prefixed("sks"), "Trigger")
    two = one.edited(["a.png"], put(""), "Clear")
    assert texts(two) == ["", "sks, a dog", "sks"]
    assert texts(two.undo()) == texts(one) and texts(two.undo().undo()) == texts(captions)
    assert texts(two.undo().undo().redo().redo()) == texts(two)
    assert two.undo().undo().undo().own == {} and two.redo() is two
    anew = two.undo().edited(["b.png"], put("new"), "")
    assert anew.redo() is anew
    many = captions
    for count in range(UNDO_MOST + 10):
        many = many.edited(["a.png"], put(str(count)), "")
    assert len(many.done) == UNDO_MOST


@hypothesis_given(st.lists(st.tuples(st.sampled_from(FILES), st.sampled_from(["", "x", "sks, y", None]))))
def test_undoing_all_gives_back_what_was_there(edits: list[tuple[str, str | None]]) -> None:
    start = Captions(given={"a.png": Caption("a", "txt")}, own={"b.png": "mine"})
    now = start
    for file, text in edits:
        now = now.reverted([file], "") if text is None else now.edited([file], put(text), "")
    end, steps = now, len(now.done)
    for _ in range(steps):
        now = now.undo()
    assert now.own == start.own
    for _ in range(steps):
        now = now.redo()
    assert now.own == end.own


def test_tags_are_counted(captions: Captions) -> None:
    assert captions.edited(["c.png"], put("a dog, black, a dog"), "").tags() == {
        "a dog": 2,
        "black": 2,
        "a cat": 1,
    }


def test_words_are_found_as_words() -> None:
    assert says("A Sks cat", "sks") and says("x, sks", "sks") and not says("asks", "sks")
    assert says("c++ code", "c++") and says("anything", "")


def test_what_is_trained_with() -> None:
    settings = ImageSettings(trigger="sks", caption="a photo")
    assert spoken("a cat", settings) == "sks, a cat"
    assert spoken("photo of Sks cat", settings) == "photo of Sks cat"
    assert spoken("", settings) == "sks, a photo"
    assert spoken("", ImageSettings()) == ""


def test_edits_are_kept_outside_the_folder_and_read_back(tmp_path: Path) -> None:
    folder, other = tmp_path / "my: pictures", tmp_path / "b" / "my: pictures"
    folder.mkdir()
    path = edits_file(tmp_path / "data", folder)
    assert path != edits_file(tmp_path / "data", other) and folder not in path.parents
    (tmp_path / "link").symlink_to(folder)
    assert path == edits_file(tmp_path / "data", tmp_path / "link")
    assert read_edits(path) == {}
    write_edits(path, folder, {"a.png": "日本 cat", "b.png": ""})
    assert read_edits(path) == {"a.png": "日本 cat", "b.png": ""}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "content", ['{"version": 9, "captions": {}}', "{", '{"captions": {"a": 1}}', "\udcff"]
)
def test_a_damaged_or_newer_file_is_refused_in_words(tmp_path: Path, content: str) -> None:
    path = tmp_path / "captions.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(StudioError) as told:
        read_edits(path)
    assert told.value.code == "captions" and str(path) in told.value.what and told.value.do


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError):
        write_edits(tmp_path / "file" / "captions.json", tmp_path, {})
