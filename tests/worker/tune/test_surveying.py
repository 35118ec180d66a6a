"""The process that looks through a folder for the dialogs: lines of progress, then what it found."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.tune_run import RunFolder
from studio.core.tuning import TuneSettings, read_settings, write_settings
from studio.media.dataset.found import Survey, keep, kept
from studio.worker.tune.surveying import gpu_here, look

WORDS = ("the", "fox", "saw", "a", "cold", "white", "hill", "and", "went", "on")
PROGRAM = (sys.executable, "-m", "studio.worker", "survey")


def surveyed(asked: str, *words: str) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        (*PROGRAM, *words), input=asked, capture_output=True, text=True, timeout=100, check=False
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def asked(tmp_path: Path) -> TuneSettings:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(6):
        words = random.Random(number).choices(WORDS, k=150)
        (folder / f"{number}.txt").write_text(" ".join(words))
    return TuneSettings(art="text", base=str(starter_model("story")), folder=str(folder))


def test_the_last_line_is_what_was_found_and_how_it_would_be_trained(
    tmp_path: Path, asked: TuneSettings
) -> None:
    code, lines = surveyed(write_settings(asked), "--keep", str(tmp_path / "data"))
    assert code == 0 and {line["event"] for line in lines[:-1]} == {"phase"}
    assert lines[-1]["event"] == "surveyed"
    found = msgspec.convert(lines[-1]["survey"], Survey)
    assert len(found.documents) == 6 and kept(tmp_path / "data") == found
    complete = read_settings(lines[-1]["settings"])
    assert complete.steps > 0 and complete.optimizer.rate > 0 and complete.folder == asked.folder


def test_what_an_earlier_run_held_out_stays_held_out(tmp_path: Path, asked: TuneSettings) -> None:
    before = RunFolder(tmp_path / "earlier")
    first = look(asked, lambda *_: None, lambda: False)
    keep(first, before.data)
    for number in range(6, 30):
        words = random.Random(number).choices(WORDS, k=150)
        (Path(asked.folder) / f"{number}.txt").write_text(" ".join(words))
    onward = asked.changed(data=asked.data.changed(since=str(before.path), seed=9))
    later = look(onward, lambda *_: None, lambda: False)
    sides = {document.file: document.side for document in later.documents}
    assert len(sides) == 30 and {one.file: one.side for one in first.documents}.items() <= sides.items()
    lost = onward.changed(data=onward.data.changed(since=str(tmp_path / "none")))
    with pytest.raises(StudioError) as told:
        look(lost, lambda *_: None, lambda: False)
    assert told.value.code == "no_run"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"folder": "/nowhere"}, "no_folder"),
        ({"base": "/nowhere"}, "missing_model"),
        ({"art": "music"}, "method"),
    ],
)
def test_what_cannot_be_is_said_in_the_last_line(
    asked: TuneSettings, change: dict[str, str], code: str
) -> None:
    status, lines = surveyed(write_settings(asked.changed(**change)))
    assert status == 1 and (lines[-1]["event"], lines[-1]["code"]) == ("failed", code)
    assert lines[-1]["what"] and lines[-1]["do"]


def test_settings_that_are_none_are_said(asked: TuneSettings) -> None:
    status, lines = surveyed("art = 3")
    assert status == 1 and lines[-1]["code"] == "config"


def test_a_card_is_found_as_torch_finds_it() -> None:
    import torch

    assert gpu_here() is torch.cuda.is_available()
