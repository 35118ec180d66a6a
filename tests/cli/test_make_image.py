"""`atelier make image` with a real worker and a tiny random model: files, recipes, exact repetition."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.pictures import ImageJob
from studio.core.takes import Recipe
from studio.media.picture.files import open_picture
from studio.media.picture.recipes import read_recipe, write_picture
from studio.project.reader import Reader
from tests.cli.test_commands import atelier
from tests.media.picture.other_tools import PARAMETERS, png
from tests.tiny_pictures import make_pipeline


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pipeline(tmp_path_factory.mktemp("models") / "tiny", "sd1")


def test_takes_are_files_with_recipes_and_a_file_is_enough_to_make_them_again(
    model: Path, tmp_path: Path
) -> None:
    call = (
        "make", "image", "--prompt", "a {red|blue|green} door", "--negative", "bad", "--model", model, "--takes", 2,
        "--seed", 3, "--steps", 2, "--tiling", "x", "--variation", "9:0.3", "--json",
    )  # fmt: skip
    first = atelier(*call, "--out", tmp_path / "one", home=tmp_path)
    assert first["command"] == "make" and first["device"]["kind"] == "cpu"
    assert first["model"]["path"] == str(model) and len(first["model"]["sha256"]) == 64
    rows = first["takes"]
    assert [(row["status"], row["units"], Path(row["file"]).name) for row in rows] == [
        ("done", 2, "take-1.png"),
        ("done", 2, "take-2.png"),
    ]
    for row in rows:
        data = Path(row["file"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(data).hexdigest() and row["seconds"] >= 0
        found = read_recipe(data)
        assert found is not None and found.recipe is not None and found.whole
        assert found.recipe.index == row["index"] and found.recipe.job.negative == "bad"
        assert found.recipe.made is not None and found.recipe.made.model_sha256 == first["model"]["sha256"]
    assert len(row["recipe"]["job"]["prompts"]) == 2
    one, two = (open_picture(Path(row["file"])).tobytes() for row in rows)
    assert one != two

    again = atelier(
        "make", "image", "--recipe", rows[1]["file"], "--out", tmp_path / "two", "--json", home=tmp_path
    )
    assert again["recalled"] == {"source": "atelier", "exact": True, "same": True, "missing": []}
    (row,) = again["takes"]
    assert row["index"] == 1 and row["sha256"] == rows[1]["sha256"], "byte for byte"


def test_under_a_mask_nothing_else_changes(model: Path, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    mask = np.zeros((64, 64), dtype=np.uint8)
    mask[16:40, 16:40] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    answer = atelier(
        "make", "image", "--prompt", "x", "--init", tmp_path / "in.png", "--mask", tmp_path / "mask.png",
        "--strength", 0.9, "--set", "feather_px=0", "--takes", 1, "--steps", 2, "--seed", 1, "--size", "64x64",
        "--model", model, "--out", tmp_path / "out", "--project", tmp_path / "P.atelier", home=tmp_path,
    )  # fmt: skip
    drawn = np.asarray(open_picture(Path(answer["takes"][0]["file"])))[..., :3]
    inside = mask > 0
    assert (drawn[~inside] == pixels[~inside]).all() and (drawn[inside] != pixels[inside]).any()
    with Reader(tmp_path / "P.atelier") as reader:
        take = reader.take(answer["takes"][0]["id"])
        assert take.picture is not None and take.recipe.drawing.inpaint is not None
        assert [work.kind for work in reader.works()] == ["picture"]


def test_another_programs_recipe_is_taken_over_as_far_as_it_goes(model: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs.png").write_bytes(png(parameters=PARAMETERS))
    answer = atelier(
        "make", "image", "--recipe", tmp_path / "theirs.png", "--model", model, "--steps", 1, "--size", "64x64",
        "--takes", 1, "--set", "clip_skip=0", "--out", tmp_path / "out", "--json", home=tmp_path,
    )  # fmt: skip
    job = answer["takes"][0]["recipe"]["job"]
    assert (job["seed"], job["guidance"], job["steps"], job["width"]) == (3519302113, 6.5, 1, 64)
    assert job["scheduler"] == "DPMSolverMultistepScheduler:karras" and job["prompts"][0].startswith(
        "a portrait of a (fox:1.3)"
    )
    assert answer["recalled"]["source"] == "a1111" and answer["recalled"]["exact"] is False
    assert any("v1-5-pruned-emaonly" in note for note in answer["recalled"]["missing"])


def test_what_cannot_be_done_is_said_at_once(model: Path, tmp_path: Path) -> None:
    def refused(*arguments: object, status: int) -> dict:
        answer = atelier("make", "image", *arguments, home=tmp_path, status=status)
        assert answer["error"]["what"] and answer["error"]["do"]
        error: dict = answer["error"]
        return error

    out = ("--out", tmp_path / "out")
    assert "--out" in refused("--prompt", "x", status=2)["what"]
    assert "--prompt" in refused(*out, status=2)["what"]
    (tmp_path / "page.png").write_text("<html>")
    assert (
        refused("--prompt", "x", "--init", tmp_path / "page.png", *out, status=1)["code"] == "not_a_picture"
    )
    (tmp_path / "plain.png").write_bytes(png())
    assert refused("--recipe", tmp_path / "plain.png", *out, status=1)["code"] == "no_recipe"
    story = Path(__file__).resolve().parents[2] / "resources" / "models" / "story"
    assert refused("--prompt", "x", "--model", story, *out, status=1)["code"] == "wrong_kind"
    job = ImageJob(id="", prompt="x", model=str(model), seed=1, takes=1, mode="image", init="a.png")
    begun = write_picture(Image.new("RGB", (8, 8)), "png", recipe=Recipe(job=job, index=0))
    (tmp_path / "begun.png").write_bytes(begun)
    away = refused("--recipe", tmp_path / "begun.png", "--project", tmp_path / "away", *out, status=1)
    assert "away" in away["what"] and away["code"] == "asset"
    assert not (tmp_path / "out" / "take-1.png").exists()
