"""The command line as a script calls it: one JSON object, exit statuses, same seed same takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from studio.media.picture.files import open_picture
from studio.media.picture.recipes import read_recipe
from studio.project.reader import Reader

ROOT = Path(__file__).resolve().parents[2]


def atelier(*arguments: object, home: Path, status: int = 0, given: str | None = None) -> dict:
    """Run `atelier` and parse its one JSON object."""
    done = subprocess.run(
        [sys.executable, "-m", "studio", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=home,
        input=given,
        env=os.environ | {"ATELIER_HOME": str(home / "data")},
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    answer: dict = json.loads(done.stdout)
    assert answer["schema"] == 1 and answer["ok"] is (status == 0)
    return answer


def test_tour_leaves_a_project_and_a_story_and_repeats_itself(tmp_path: Path) -> None:
    stories, pictures, themes = [], [], []
    for name in ("one", "two"):
        answer = atelier("tour", tmp_path / name, "--seed", 7, "--json", home=tmp_path)
        story = Path(answer["files"]["story"]).read_text("utf-8")
        assert "little fox" in story
        acts = [act["act"] for act in answer["acts"]]
        assert acts[0] == "open" and acts[-1] == "export" and acts.count("accept") == 5
        assert {"propose", "edit", "continue", "regenerate", "reject", "illustrate"} < set(acts)
        picture = Path(answer["files"]["picture"]).read_bytes()
        found = read_recipe(picture)
        assert found is not None and found.recipe is not None and found.prompt == "a fox" and found.whole
        pictures.append(open_picture(picture).tobytes())
        with Reader(Path(answer["project"])) as reader:
            assert len(reader.takes_of(next(w.id for w in reader.works() if w.kind == "scene"))) == 9
        stories.append(story)
        themes.append(Path(answer["files"]["midi"]).read_bytes())
        assert soundfile.info(answer["files"]["wav"]).duration > 10  # eight bars
    assert stories[0] == stories[1] and pictures[0] == pictures[1] and themes[0] == themes[1]
    again = atelier("tour", tmp_path / "one", home=tmp_path, status=2)
    assert "exists already" in again["error"]["what"]


def test_make_text_reports_takes_with_their_recipes_and_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    call = ("make", "text", "--prompt", "One day, a dog", "--takes", 2, "--tokens", 16, "--seed", 3, "--json")
    first, second = atelier(*call, home=tmp_path), atelier(*call, home=tmp_path)
    assert [take["text"] for take in first["takes"]] == [take["text"] for take in second["takes"]]
    take = first["takes"][0]
    assert take["status"] == "done" and take["text"] and 0 < take["units"] <= 16
    assert take["recipe"]["made"]["model_sha256"] == first["model"]["sha256"]
    assert take["recipe"]["job"]["sampling"]["temperature"] == 0.8
    assert first["device"]["kind"] == "cpu" and first["device"]["threads"] >= 1


def test_make_text_from_stdin_into_files_and_a_project(tmp_path: Path) -> None:
    answer = atelier(
        "make", "text", "--prompt", "-", "--takes", 1, "--tokens", 8, "--set", "temperature=0",
        "--out", tmp_path / "out", "--project", tmp_path / "Book.atelier", home=tmp_path, given="The cat sat",
    )  # fmt: skip
    row = answer["takes"][0]
    assert Path(row["file"]).read_text("utf-8")
    assert row["recipe"]["job"]["sampling"]["temperature"] == 0.0
    with Reader(tmp_path / "Book.atelier") as reader:
        assert reader.take(row["id"]).text == Path(row["file"]).read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [("--set", "colour=red"), ("--set", "temperature=hot"), ("--takes", "9"), ("--set", "top_p=0")],
)
def test_wrong_usage_is_named(tmp_path: Path, arguments: tuple[str, str]) -> None:
    answer = atelier("make", "text", "--prompt", "x", *arguments, home=tmp_path, status=2)
    assert answer["error"]["code"] == "usage" and answer["error"]["what"]


def test_a_missing_model_names_the_folder_and_what_to_do(tmp_path: Path) -> None:
    answer = atelier(
        "make", "text", "--prompt", "x", "--model", tmp_path / "nowhere", home=tmp_path, status=1
    )
    assert "nowhere" in answer["error"]["what"] and answer["error"]["do"]


def test_models_are_listed_added_and_removed(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "pytorch_model.bin").write_bytes(b"\x80\x02")
    listed = atelier("models", "list", home=tmp_path)["models"]
    assert listed[0]["usable"] and listed[0]["kind"] == "text" and listed[0]["parameters"] > 1_000_000
    assert (listed[1]["kind"], listed[1]["family"], listed[1]["usable"]) == ("image", "sd1", True)
    assert 0 < listed[1]["memory_mib"] < 4_000
    refused = atelier("models", "add", bad, home=tmp_path, status=1)
    assert "bad" in refused["error"]["what"]
    assert len(atelier("models", "list", home=tmp_path)["models"]) == len(listed)
    atelier("models", "remove", bad, home=tmp_path, status=1)


def test_doctor_finds_everything_and_says_what_is_wrong(tmp_path: Path) -> None:
    checks = {check["name"]: check for check in atelier("doctor", "--json", home=tmp_path)["checks"]}
    assert checks["Model process"]["ok"] and checks["Starter story model"]["ok"]
    assert checks["Model process for pictures"]["ok"] and checks["Starter picture model"]["ok"]
    assert checks["Picture files"]["ok"]
    (tmp_path / "data").rename(tmp_path / "gone")
    (tmp_path / "data").write_text("a file where the data folder should be")
    answer = atelier("doctor", home=tmp_path, status=1)
    bad = [check for check in answer["checks"] if not check["ok"]]
    assert [check["name"] for check in bad] == ["Data folder"] and bad[0]["cure"]
