"""Acts' templates: files the person may edit, damaged ones told apart, nothing but four places filled."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.core.jobs import ACTS
from studio.core.resources import resource_path
from studio.media.frames import (
    answer_tokens,
    copy_for_editing,
    fill,
    frame_sha256,
    load_frames,
    read_frame,
    read_frames,
    split_template,
)

OURS = resource_path("acts")


def test_every_act_but_going_on_has_a_template_of_ours() -> None:
    found = read_frames([OURS])
    assert found.problems == ()
    assert set(found.frames) == set(ACTS) - {"continue"}
    for frame in found.frames.values():
        assert frame.shots.count("\n###") == 3
        assert frame.shots.strip().endswith(":")
        assert "{selection}" in frame.user
        assert frame.system.strip().endswith(".")


def test_the_person_s_own_copy_goes_before_ours_and_is_read_anew(tmp_path: Path) -> None:
    mine = copy_for_editing("rewrite", OURS, tmp_path / "acts")
    assert load_frames([OURS, mine.parent]) == load_frames([OURS])
    mine.write_text('act = "rewrite"\ntitle = "Mine"\nuser = "Say it again: {selection}"\n')
    assert load_frames([OURS, mine.parent])["rewrite"].title == "Mine"
    assert copy_for_editing("rewrite", OURS, mine.parent) == mine
    assert load_frames([OURS, mine.parent])["rewrite"].title == "Mine"
    mine.unlink()
    assert load_frames([OURS, mine.parent])["rewrite"].title == "Rewrite"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('title = "x"\nuser = "{selection}', "line 2"),
        ('title = "x"\nuser = "{selection}"\nsize = 3', "line 3 has “size”"),
        ('title = "x"\nuser = "{selection}"\nlength = "long"', "line 3, field “length”"),
        ('act = "expand"\ntitle = "x"\nuser = "{selection}"', "this file is for “rewrite”"),
        ('title = "x"\nuser = "say it"', "{selection} is missing"),
        ('title = "x"', "neither “user” nor “shots”"),
        ('title = "x"\nshots = "{selection}:"', "need a stop"),
        ('title = "x"\nuser = "{selection}"\nlength = [3.0, 1.0]', "line 3, field “length”"),
        ('user = "{selection}"', "title"),
    ],
)
def test_a_damaged_file_is_named_with_its_line_and_ours_stays(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "rewrite.toml").write_text(text)
    found = read_frames([OURS, tmp_path])
    assert found.frames == load_frames([OURS])
    (problem,) = found.problems
    assert "rewrite.toml" in problem.what
    assert words in problem.what
    assert problem.code == "damaged_frame"
    assert "built-in" in problem.kept


@given(st.binary(max_size=300))
def test_any_bytes_make_a_template_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "rewrite.toml"
    file.write_bytes(data)
    with pytest.raises(StudioError):
        read_frame(file, "rewrite")


def test_only_four_places_are_filled_and_once() -> None:
    filled = fill("{selection}|{instruction}|{other}|{0}|{selection.__class__}", selection="{instruction}")
    assert filled == "{instruction}||{other}|{0}|{selection.__class__}"


@given(st.text(alphabet="{}selction beforaftu.0!", max_size=60), st.text(max_size=20))
def test_filling_is_joining_the_pieces(template: str, value: str) -> None:
    pieces = split_template(template)
    assert "".join(literal or "{" + name + "}" for name, literal in pieces) == template
    assert fill(template, selection=value) == "".join(
        value if name == "selection" else literal for name, literal in pieces
    )


def test_another_template_has_another_digest() -> None:
    frame = load_frames([OURS])["rewrite"]
    assert frame_sha256(frame) == frame_sha256(frame.changed())
    assert frame_sha256(frame) != frame_sha256(frame.changed(system="Other."))


def test_an_answer_gets_room_for_its_honest_length() -> None:
    frames = load_frames([OURS])
    passage = "The fox sang to the river. " * 20
    assert answer_tokens(frames["summarise"], passage) < answer_tokens(frames["rewrite"], passage)
    assert answer_tokens(frames["rewrite"], passage) >= 2 * len(passage) / 4
    assert answer_tokens(frames["rewrite"], "狐狸在唱歌。" * 20) >= 2 * 120
    assert answer_tokens(frames["expand"], passage * 100) <= 2048
