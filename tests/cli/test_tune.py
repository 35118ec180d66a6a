"""`atelier tune` as a script calls it, with the starter models and their real trainers, on a few files each."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image, ImageDraw
from safetensors.numpy import load_file

from studio.media.music.midi_write import write_midi
from studio.media.music.score import Note, Score, Track

WORDS = (
    "Tom",
    "Lily",
    "Ben",
    "dog",
    "cat",
    "ball",
    "tree",
    "bird",
    "boat",
    "cake",
    "saw",
    "liked",
    "the",
    "a",
    "near",
)
QUICK = (
    "--set",
    "run.sample_every=-1",
    "--set",
    "run.checkpoint_every=1",
    "--set",
    "adapter.rank=2",
    "--json",
)
TEXT = (*QUICK, "--set", "text.window=64", "--steps", "3", "--seed", "5")
# `python -m studio` as in a terminal: what a shell starts in the background is told to ignore Ctrl+C
HEARS_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("studio", run_name="__main__", alter_sys=True)
"""
LONG = ("--steps", "500", "--set", "run.patience=0")  # nothing but the person ends it
Line = dict[str, Any]
pytestmark = pytest.mark.timeout(
    300
)  # real trainings: a dozen seconds each on a machine that has nothing else to do


@pytest.fixture(autouse=True)
def no_runner_left(tmp_path: Path) -> Iterator[None]:
    """A runner is nobody's child: of a test that failed it would go on."""
    yield
    for runner in runners(tmp_path):
        with contextlib.suppress(psutil.NoSuchProcess):
            runner.kill()
            runner.wait(30)


def runners(tmp_path: Path) -> list[psutil.Process]:
    """The runners at work on this test's runs."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if "studio.worker" in command and any(str(tmp_path) in part for part in command):
                found.append(process)
    return found


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(8):
        rng = random.Random(number)
        (folder / f"{number}.txt").write_text(" ".join(rng.choice(WORDS) for _ in range(120)) + ".\n")
    return folder


@contextlib.contextmanager
def tuning(tmp_path: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    """`atelier tune` at work, its lines to be read."""
    with subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C, "tune", *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"ATELIER_HOME": str(tmp_path / "data")},
    ) as process:
        yield process


def lines_until(process: subprocess.Popen[str], *events: str) -> list[Line]:
    """Its lines up to one of these, or to its end."""
    lines: list[Line] = []
    assert process.stdout is not None
    while text := process.stdout.readline():
        lines.append(json.loads(text))
        if lines[-1]["event"] in events:
            break
    return lines


def tuned(tmp_path: Path, *words: object, status: int = 0) -> list[Line]:
    """All lines of `atelier tune`, the last one with its envelope."""
    with tuning(tmp_path, *words) as process:
        lines = lines_until(process)
        assert process.wait(100) == status, lines[-1]
    assert (lines[-1]["schema"], lines[-1]["command"], lines[-1]["ok"]) == (1, "tune", status == 0)
    return lines


def listed(tmp_path: Path) -> dict[str, Line]:
    """`atelier models list`, by path."""
    words = [sys.executable, "-m", "studio", "models", "list", "--json"]
    home = os.environ | {"ATELIER_HOME": str(tmp_path / "data")}
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, env=home)
    return {model["path"]: model for model in json.loads(said.stdout)["models"]}


def check_result(tmp_path: Path, lines: list[Line], kind: str) -> Path:
    """What every art's last line and result have; the adapter's folder."""
    done = lines[-1]
    assert {"found", "eval", "step", "checkpoint", "done"} <= {line["event"] for line in lines}
    steps = [line["step"] for line in lines if line["event"] == "step"]
    assert steps == sorted(steps) and done["step"] == done["steps"] == steps[-1]
    assert Path(done["card"]).is_file() and done["test"]["documents"] >= 1
    assert done["test"]["after"] > 0 and done["test"]["ci95"][0] <= done["test"]["ci95"][1]
    model = listed(tmp_path)[done["adapter"]]
    assert (model["kind"], model["usable"]) == ("adapter", True), model
    starter = next(model for path, model in listed(tmp_path).items() if path.endswith(kind))
    assert done["adapter"] in starter["adapters"]
    return Path(done["adapter"])


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of Unix")
def test_a_text_run_that_was_killed_goes_on_and_ends_with_the_same_weights(
    tmp_path: Path, texts: Path
) -> None:
    whole = tuned(tmp_path, "text", texts, *TEXT, "--out", tmp_path / "whole")
    assert whole[-1]["adapter"] == str(tmp_path / "whole")
    with tuning(tmp_path, "text", texts, *TEXT, "--out", tmp_path / "killed") as process:
        before = lines_until(process, "checkpoint")
        for runner in runners(tmp_path):
            runner.kill()
        end = lines_until(process)[-1]
        assert process.wait(60) == 1
    assert (end["event"], end["error"]["code"]) == ("failed", "interrupted") and "--resume" in end["error"][
        "do"
    ]
    assert not (tmp_path / "killed").exists() and before[-1]["event"] == "checkpoint"
    after = tuned(tmp_path, "text", texts, *TEXT, "--out", tmp_path / "killed", "--resume")
    adapter = check_result(tmp_path, [*before, *after], "story")
    assert after[-1]["run"] == before[-1]["run"] != whole[-1]["run"]
    one, other = (load_file(path / "adapter_model.safetensors") for path in (tmp_path / "whole", adapter))
    assert one.keys() == other.keys() and all((one[name] == other[name]).all() for name in one)
    again = tuned(tmp_path, "text", texts, *TEXT, "--out", tmp_path / "killed", "--resume")
    assert [line["event"] for line in again] == ["done"] and again[0]["adapter"] == str(adapter)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is sent as Unix does")
def test_ctrl_c_stops_a_run_and_keeps_what_it_learnt(tmp_path: Path, texts: Path) -> None:
    with tuning(tmp_path, "text", texts, *TEXT, *LONG, "--name", "Short") as process:
        lines_until(process, "step")
        process.send_signal(signal.SIGINT)
        done = lines_until(process, "done", "failed")[-1]
        assert process.wait(100) == 3
    assert done["event"] == "done" and done["stopped"] and done["ok"] is False
    assert 0 < done["step"] < 500 and Path(done["adapter"]) == tmp_path / "data" / "adapters" / "Short"
    assert done["adapter"] in listed(tmp_path)


def test_a_model_of_notes_is_tuned_on_midi_files(tmp_path: Path) -> None:
    folder = tmp_path / "tunes"
    folder.mkdir()
    for number in range(6):
        rng = random.Random(number)
        pitches = [rng.choice((60, 62, 64, 65, 67, 69, 71, 72)) for _ in range(64)]
        notes = tuple(Note(start=480 * at, pitch=pitch, duration=480) for at, pitch in enumerate(pitches))
        (folder / f"{number}.mid").write_bytes(write_midi(Score(tracks=(Track(id="a", notes=notes),))).data)
    lines = tuned(tmp_path, "music", folder, *QUICK, "--set", "music.window=256", "--steps", "2")
    check_result(tmp_path, lines, "sketch")


def test_a_picture_model_is_tuned_on_pictures_with_captions(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(8):
        rng = random.Random(number)
        picture = Image.new("RGB", (128, 128), "white")
        draw = ImageDraw.Draw(picture)
        for _ in range(3):
            x, y, colour = (
                rng.randrange(90),
                rng.randrange(90),
                rng.choice(("red", "green", "blue", "orange")),
            )
            draw.ellipse((x, y, x + rng.randrange(20, 60), y + rng.randrange(20, 60)), fill=colour)
        picture.save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"drops number {number}")
    lines = tuned(tmp_path, "image", folder, *QUICK, "--set", "image.size=64", "--steps", "2")
    adapter = check_result(tmp_path, lines, "picture")
    assert (adapter / "pytorch_lora_weights.safetensors").is_file()


def test_a_folder_is_inspected_for_every_art(tmp_path: Path, texts: Path) -> None:
    (texts / "again.txt").write_bytes((texts / "0.txt").read_bytes())
    (texts / "broken.png").write_bytes(b"no picture")
    (texts / "empty.txt").write_bytes(b"")
    before = {file.name: file.read_bytes() for file in texts.iterdir()}
    words = [sys.executable, "-m", "studio", "tune", "inspect", str(texts), "--json"]
    home = os.environ | {"ATELIER_HOME": str(tmp_path / "data")}
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, env=home)
    found = json.loads(said.stdout)["found"]
    assert (found["text"]["files"], found["text"]["duplicates"]) == (8, 1) and found["text"]["units"] > 3000
    assert [bad["file"] for bad in found["text"]["bad"]] == ["empty.txt"] and found["text"]["bad"][0]["why"]
    assert found["image"]["files"] == 0 and found["image"]["bad"][0]["file"] == "broken.png"
    assert found["music"] == {"files": 0, "units": 0, "duplicates": 0, "bad": [], "notes": []}
    assert before == {file.name: file.read_bytes() for file in texts.iterdir()}
