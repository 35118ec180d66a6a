"""From options to an image job and its files."""

import argparse
from pathlib import Path

import pytest
from PIL import Image

from studio.catalog.card import ModelCard
from studio.cli.console import UsageError
from studio.cli.image_files import mask_of, outpainted
from studio.cli.image_job import base_settings, image_job, refuse_mode
from studio.cli.image_options import adapters_of, margins_of, pair_of, size_of, variation_of
from studio.cli.parser import build_parser
from studio.core.errors import StudioError
from studio.core.jobs import ImageJob
from studio.core.pictures import Upscale, Variation
from studio.core.seeds import take_seeds
from studio.media.picture.settings import PictureSettings

CARD = ModelCard(
    path="/m", title="m", kind="image", family="sd1", size=(128, 128), grid_px=8, steps=20, guidance=4.0,
    modes={"text": "", "image": "", "inpaint": "It cannot.", "upscale": ""},
)  # fmt: skip


def options_of(*arguments: object) -> argparse.Namespace:
    return build_parser().parse_args(["make", "image", "--prompt", "a fox", *map(str, arguments)])


def job_of(*arguments: object, prompt: str = "a fox") -> ImageJob:
    return image_job(options_of(*arguments), CARD, prompt)[0]


def file(
    tmp_path: Path,
    name: str = "in.png",
    mode: str = "RGB",
    size: tuple[int, int] = (120, 60),
    fill: object = 0,
) -> Path:
    Image.new(mode, size, fill).save(tmp_path / name)
    return tmp_path / name


def test_the_models_own_values_hold_until_something_is_told() -> None:
    job = job_of()
    assert (job.width, job.height, job.steps, job.guidance, job.mode) == (128, 128, 20, 4.0, "text")
    assert job.takes == PictureSettings().takes and job.scheduler == "" and job.prompts == ()
    assert len({job_of().seed for _ in range(4)}) == 4
    told = job_of(
        *("--size", "64x96", "--steps", 5, "--guidance", 1.5, "--seed", 7, "--takes", 2, "--negative", "bad"),
        *("--scheduler", "DDIMScheduler", "--tiling", "x", "--set", "clip_skip=1", "--set", "takes=3"),
    )
    assert (told.width, told.height, told.steps, told.guidance, told.seed, told.takes) == (
        64,
        96,
        5,
        1.5,
        7,
        3,
    )
    assert (told.negative, told.scheduler, told.tiling, told.clip_skip) == ("bad", "DDIMScheduler", "x", 1)
    assert job_of("--tiling").tiling == "both"
    assert base_settings(ModelCard(path="", title="")) == PictureSettings()


def test_alternatives_and_wildcards_are_chosen_a_take(own_home: Path) -> None:
    (own_home / "wildcards").mkdir(parents=True)
    (own_home / "wildcards" / "colour.txt").write_text("red\nblue\n")
    job = job_of("--takes", 8, "--seed", 3, prompt="a __colour__ {fox|hare}")
    assert job.prompt == "a __colour__ {fox|hare}" and len(set(job.prompts)) > 1
    assert job.prompts == job_of("--takes", 8, "--seed", 3, prompt=job.prompt).prompts
    with pytest.raises(StudioError, match="colours"):
        job_of(prompt="__colours__")


def test_a_picture_to_begin_from_gives_the_mode_and_the_size(tmp_path: Path) -> None:
    init = file(tmp_path)
    job, files = image_job(options_of("--init", init, "--strength", 0.4), CARD, "x")
    assert (job.mode, job.strength) == ("image", 0.4) and list(files.assets) == [job.init]
    assert (job.width, job.height) == (184, 88), "a small picture is drawn at the area the model knows"
    assert job_of("--init", init, "--size", "64x64").width == 64
    larger = job_of("--init", init, "--upscale", 3, "--set", "redraw_tiles=false")
    assert (larger.mode, larger.upscale) == ("upscale", Upscale(factor=3.0, scaler="lanczos"))


def test_a_mask_makes_it_an_inpainting_and_must_fit(tmp_path: Path) -> None:
    init, mask = file(tmp_path), file(tmp_path, "mask.png", "L", fill=255)
    knobs = ("--set", "feather_px=3", "--set", "area=masked")
    job, files = image_job(options_of("--init", init, "--mask", mask, *knobs), CARD, "x")
    assert job.mode == "inpaint" and job.inpaint is not None and set(files.assets) == set(job.files)
    assert (job.inpaint.feather_px, job.inpaint.area) == (3, "masked")
    with pytest.raises(StudioError, match="120 × 60"):
        job_of("--init", init, "--mask", file(tmp_path, "small.png", "L", (8, 8)))
    with pytest.raises(StudioError, match="It cannot"):
        refuse_mode(CARD, job)


def test_what_is_transparent_in_a_mask_is_not_drawn(tmp_path: Path) -> None:
    image = Image.new("RGBA", (4, 2), (255, 255, 255, 0))
    image.putpixel((0, 0), (255, 255, 255, 255))
    image.save(tmp_path / "m.png")
    assert list(mask_of(tmp_path / "m.png", (4, 2)).tobytes()) == [255] + [0] * 7


def test_outpainting_adds_transparent_margins_on_the_grid(tmp_path: Path) -> None:
    whole, mask = outpainted(Image.new("RGB", (30, 20), "red"), (10, 0, 1, 5), 8)
    assert whole.size == mask.size == (48, 32) and not any(mask.tobytes())
    assert whole.getpixel((9, 3))[3] == 0 and whole.getpixel((10, 0)) == (255, 0, 0, 255)
    job = job_of("--init", file(tmp_path), "--outpaint", "8,0,8,0")
    assert job.mode == "inpaint" and job.inpaint is not None


def test_a_variation_goes_from_the_first_take_of_the_seed() -> None:
    job = job_of("--seed", 5, "--variation", "9:0.3", "--takes", 1)
    assert job.variation == Variation(seed=9, base_seed=take_seeds(5, 1)[0], strength=0.3)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--size", "big"), ("--size", "100x100"), ("--steps", "0"), ("--takes", "9"), ("--guidance", "nan"),
        ("--set", "colour=red"), ("--set", "steps"), ("--set", "steps=many"), ("--set", "prompts=["),
        ("--variation", "x"), ("--mask", "m.png"), ("--upscale", "2"), ("--outpaint", "1,1,1,1"),
        ("--lora", "x:9"), ("--set", 'prompts=["one"]'), ("--strength", "2"),
    ],
)  # fmt: skip
def test_wrong_usage_is_named(arguments: tuple[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        job_of("--takes", "2", *arguments) if "--takes" not in arguments else job_of(*arguments)
    assert caught.value.what and caught.value.do


def test_what_excludes_each_other_is_told(tmp_path: Path) -> None:
    init = file(tmp_path)
    for more in (("--upscale", 2, "--mask", init), ("--outpaint", "8,0,0,0", "--mask", init)):
        with pytest.raises(UsageError):
            job_of("--init", init, *more)


def test_adapters_are_read_in_both_forms(tmp_path: Path) -> None:
    got = adapters_of(
        options_of(
            "--lora", "/a/b.safetensors:0.5", "--lora", "/c:d/e", "--adapter", "/f=1.5", "--adapter", "/g"
        )
    )
    assert [(adapter.path, adapter.weight) for adapter in got] == [
        ("/a/b.safetensors", 0.5), ("/c:d/e", 1.0), ("/f", 1.5), ("/g", 1.0),
    ]  # fmt: skip
    assert job_of("--lora", "/a:0.5").adapters[0].weight == 0.5


def test_small_forms_are_read_and_refused() -> None:
    assert size_of("512X768") == (512, 768) and size_of("8×16") == (8, 16)
    assert margins_of("1, 2,3,4") == (1, 2, 3, 4) and variation_of("5") == (5, 0.1)
    assert pair_of("/m=a.png", "--control") == ("/m", Path("a.png"))
    for call in (lambda: margins_of("0,0,0,0"), lambda: margins_of("1,2"), lambda: pair_of("m", "--control")):
        with pytest.raises(UsageError):
            call()


def test_guides_bring_their_pictures(tmp_path: Path) -> None:
    lines = file(tmp_path)
    job, files = image_job(
        options_of("--control", f"/canny={lines}", "--reference", f"/ip={lines}"), CARD, "x"
    )
    assert job.controls[0].model == "/canny" and job.reference is not None and len(files.assets) == 1
    assert job.files == (job.controls[0].picture,)


@pytest.mark.parametrize("name", ["--mask", "--outpaint", "--upscale", "--strength"])
def test_what_needs_a_picture_to_begin_from_says_so(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} needs a picture to begin from: --init FILE"):
        job_of(name, "1")


def test_a_weight_that_is_no_number_is_told_apart_from_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "style.safetensors").touch()
    (tmp_path / "odd:name").touch()
    with pytest.raises(
        UsageError, match=r"weight “much” of the adapter .*style\.safetensors is not a number"
    ):
        adapters_of(options_of("--lora", f"{tmp_path / 'style.safetensors'}:much"))
    [odd] = adapters_of(options_of("--lora", tmp_path / "odd:name"))
    assert (odd.path, odd.weight) == (str(tmp_path / "odd:name"), 1.0)
    with pytest.raises(UsageError, match="weight must be at most 4"):
        adapters_of(options_of("--lora", "x:9"))


def test_a_value_out_of_bounds_is_told_in_words() -> None:
    with pytest.raises(UsageError, match=r"^The job is not right: width must be at least 16\."):
        job_of("--size", "8x8")
