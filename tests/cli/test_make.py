"""How a take stands in the envelope."""

import argparse
import hashlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.cli.console import UsageError
from studio.cli.make import _told, _with_template, make_folder, model_row, take_row
from studio.cli.parser import build_parser
from studio.cli.runner import device_of
from studio.core.errors import StudioError
from studio.core.jobs import Frame, TextJob
from studio.core.takes import Made, Recipe, Take, Token
from tests.project.test_faults import as_nobody
from tests.project.test_faults import shelf as shelf  # a fixture

JOB = TextJob(id="j", prompt="Once", model="m", seed=7)
MADE = Made(
    model_sha256="ab" * 32,
    family="llama",
    device="cpu",
    dtype="float32",
    threads=2,
    chunk_tokens=64,
    prompt_tokens=1,
    reused_tokens=0,
    computed_tokens=1,
)
TAKE = Take(
    id="t",
    job="j",
    work="w",
    parent="",
    index=1,
    seed=8,
    status="done",
    recipe=Recipe(job=JOB, index=1, made=MADE),
    created_ms=1,
    text=" a fox\r\n狐",
    seconds=1.23456,
    tokens=(Token(id=1, end=3, logprob=-1.0), Token(id=2, end=9, logprob=-2.0)),
)


def test_a_row_carries_text_hash_length_and_recipe() -> None:
    row = take_row(TAKE)
    assert (row["id"], row["seed"], row["status"], row["text"]) == ("t", 8, "done", " a fox\r\n狐")
    assert row["sha256"] == hashlib.sha256(" a fox\r\n狐".encode()).hexdigest()
    assert (row["seconds"], row["units"]) == (1.235, 2)
    assert row["recipe"]["job"]["prompt"] == "Once" and row["recipe"]["made"]["dtype"] == "float32"
    assert "file" not in row


def test_with_a_folder_the_text_goes_to_a_file_as_it_is(tmp_path: Path) -> None:
    row = take_row(TAKE, tmp_path)
    assert "text" not in row and row["file"] == str(tmp_path / "take-2.txt")
    data = (tmp_path / "take-2.txt").read_bytes()
    assert data == TAKE.text.encode() and hashlib.sha256(data).hexdigest() == row["sha256"]


def test_model_and_device_are_those_of_the_first_take_that_was_made() -> None:
    unmade = replace(TAKE, recipe=Recipe(job=JOB, index=0))
    assert model_row([unmade, TAKE], "/m", ["a=1"]) == {
        "path": "/m",
        "sha256": "ab" * 32,
        "adapters": ["a=1"],
    }
    assert device_of([unmade, TAKE]) == {"kind": "cpu", "dtype": "float32", "threads": 2}
    assert model_row([unmade], "/m", [])["sha256"] == "" and device_of([unmade]) is None


def options_of(*arguments: str) -> argparse.Namespace:
    return build_parser().parse_args(["make", "text", "--prompt", "Once", *arguments])


def test_an_act_gets_its_template_and_room_for_its_answer(own_home: Path) -> None:
    job = JOB.changed(act="rewrite", selection="It rained. " * 40)
    made = _with_template(job, tokens_given=False)
    assert made.frame is not None and made.frame.act == "rewrite" and made.trim == "none"
    assert made.tokens > job.tokens and _with_template(job, tokens_given=True).tokens == job.tokens
    own = Frame(act="rewrite", title="Mine", user="{selection}")
    assert _with_template(job.changed(frame=own), tokens_given=True).frame == own


def test_an_act_without_a_passage_is_wrong_usage(own_home: Path) -> None:
    with pytest.raises(UsageError, match="selection=TEXT"):
        _with_template(JOB.changed(act="rewrite"), tokens_given=False)


def test_the_length_is_the_templates_unless_it_was_given() -> None:
    assert "tokens" not in _told(options_of())
    assert "tokens" in _told(options_of("--tokens", "9")) & _told(options_of("--set", "tokens=9"))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError, match="file"):
        make_folder(tmp_path / "file" / "out")


def test_a_folder_that_takes_no_file_is_refused_before_anything_is_made(shelf: Path) -> None:
    with pytest.raises(StudioError, match=r"Nothing can be written into .*out: Permission denied") as refused:
        make_out_as_nobody(shelf)
    assert refused.value.kept == "Nothing was made yet." and refused.value.do
    make_folder(shelf / "out")
    assert list((shelf / "out").iterdir()) == []


def make_out_as_nobody(shelf: Path) -> None:
    """Ask for a folder that only another may write to."""
    (shelf / "out").mkdir(mode=0o755)
    (shelf / "out").chmod(0o555)
    with as_nobody():
        make_folder(shelf / "out")
