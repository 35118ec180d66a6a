"""Our own recipes in files: written into four formats, read back whole; hostile texts do no harm."""

import io
import json
import struct
import time
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.adapter import Adapter
from studio.core.errors import StudioError
from studio.core.pictures import Control, ImageJob, Inpaint, Reference, Variation
from studio.core.seeds import take_seeds
from studio.core.takes import Drawn, Made, Recipe
from studio.media.picture import tags
from studio.media.picture.again import again
from studio.media.picture.files import open_picture
from studio.media.picture.found import WantedModel
from studio.media.picture.own_recipe import to_text
from studio.media.picture.read_a1111 import read_a1111
from studio.media.picture.recipes import WRITTEN, png_with_recipe, read_recipe, write_picture
from studio.media.picture.tags import read_texts
from studio.media.picture.write_a1111 import parameters
from tests.media.picture.other_tools import PARAMETERS, canvas, png

ASSET = "ab" * 32 + ".png"
MADE = Made(
    model_sha256="0123456789abcdef" * 4,
    family="sd1",
    device="cpu",
    dtype="float32",
    threads=2,
    drawn=Drawn(
        scheduler="EulerAncestralDiscreteScheduler",
        batches=(2, 1),
        adapters_sha256=("cd" * 32,),
        rungs=("vae_tiling",),
    ),
    torch="2.13.0",
    atelier="0.1.0",
)
JOB = ImageJob(
    id="job", work="work", prompt="a {red|blue} fox “狐狸” <&> ]]> \x07", negative="blurry, (bad:1.2)",
    model="/models/fox, v1", prompts=("a red fox", "a blue fox “狐狸” <&> ]]> \x07", "a red fox"),
    adapters=(Adapter(path="/a/ink.safetensors", weight=0.7),),
    seed=2**62 + 3, takes=3, steps=12, guidance=6.5, width=64, height=96, clip_skip=1, tiling="both",
    variation=Variation(seed=7, base_seed=8, strength=0.2),
)  # fmt: skip
RECIPE = Recipe(job=JOB, index=1, made=MADE)


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_recipe_comes_back_whole_from_every_format(kind: str) -> None:
    found = read_recipe(write_picture(canvas(), kind, 90, RECIPE))
    assert found is not None and found.recipe == RECIPE and found.whole
    assert (found.source, found.prompt, found.negative) == ("atelier", JOB.prompt, JOB.negative)
    assert found.model == WantedModel(name="/models/fox, v1", sha256=MADE.model_sha256)
    assert found.adapters == (WantedModel(name="/a/ink.safetensors", sha256="cd" * 32, weight=0.7),)
    assert found.variation == (7, 0.2) and found.values["seed"] == JOB.seed and found.values["takes"] == 3
    assert any("take 2 of 3" in note for note in found.missing)


@pytest.mark.parametrize("kind", WRITTEN)
def test_without_a_recipe_the_file_tells_nothing(kind: str) -> None:
    data = write_picture(canvas(), kind)
    assert read_recipe(data) is None and not read_texts(data)


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
def test_lossless_files_hold_the_very_pixels(kind: str) -> None:
    image = canvas().convert("RGBA")
    image.putalpha(Image.effect_noise(image.size, 90))
    assert open_picture(write_picture(image, kind, recipe=RECIPE, lossless=True)).tobytes() == image.tobytes()


def test_quality_makes_files_larger_and_jpeg_shows_its_background() -> None:
    for kind in ("jpeg", "webp"):
        assert len(write_picture(canvas(256, 256), kind, 95)) > len(write_picture(canvas(256, 256), kind, 30))
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    red, green, _blue, _alpha = open_picture(
        write_picture(clear, "jpeg", 95, background=(250, 10, 10))
    ).getpixel((4, 4))
    assert red > 235 and green < 30


def test_other_programs_find_their_parameters_where_they_look() -> None:
    text = parameters(RECIPE)
    assert Image.open(io.BytesIO(write_picture(canvas(), "png", recipe=RECIPE))).info["parameters"] == text
    for kind in ("jpeg", "webp"):
        exif = Image.open(io.BytesIO(write_picture(canvas(), kind, recipe=RECIPE))).getexif()
        comment = exif.get_ifd(0x8769)[0x9286]
        assert comment[:8] == b"UNICODE\0" and comment[8:].decode("utf-16-be") == text
    tiff = Image.open(io.BytesIO(write_picture(canvas(), "tiff", recipe=RECIPE)))
    assert text.splitlines()[-1] in str(tiff.tag_v2[270])


def test_the_parameters_read_back_as_automatic1111_would() -> None:
    found = read_a1111(parameters(RECIPE))
    assert found is not None
    assert found.prompt == "a blue fox “狐狸” <&> ]]> \x07" and found.negative == "blurry, (bad:1.2)"
    assert found.values["seed"] == take_seeds(JOB.seed, 3)[1], "the take's own seed"
    assert (found.values["steps"], found.values["guidance"], found.values["clip_skip"]) == (12, 6.5, 1)
    assert (found.values["width"], found.values["height"], found.values["tiling"]) == (64, 96, "both")
    assert found.values["scheduler"] == "EulerAncestralDiscreteScheduler"
    assert found.model == WantedModel(name="fox v1", sha256=MADE.model_sha256[:10])
    assert found.adapters[0].name == "ink" and found.variation == (7, 0.2)


def test_how_the_steps_were_spaced_is_written_and_read_back() -> None:
    job = JOB.changed(scheduler="DPMSolverMultistepScheduler:karras")
    made = msgspec.structs.replace(MADE, drawn=Drawn(scheduler=job.scheduler))
    recipe = msgspec.structs.replace(RECIPE, job=job, made=made)
    assert "Sampler: DPM++ 2M, Schedule type: Karras, CFG scale" in parameters(recipe)
    assert "Schedule type" not in parameters(RECIPE)
    found = read_a1111(parameters(recipe))
    assert found is not None and found.values["scheduler"] == job.scheduler
    own = read_recipe(write_picture(canvas(), "png", recipe=recipe))
    assert own is not None and own.values["scheduler"] == job.scheduler


def test_a_recipe_is_put_into_a_png_without_touching_its_pixels() -> None:
    bare = write_picture(canvas(), "png")
    with_words = png_with_recipe(bare, RECIPE, whole=False)
    found = read_recipe(with_words)
    assert found is not None and found.recipe == RECIPE and not found.whole
    assert any("worked on" in note for note in found.missing)
    assert [c for c in _chunks(with_words) if c[0] == b"IDAT"] == [
        c for c in _chunks(bare) if c[0] == b"IDAT"
    ]
    assert Image.open(io.BytesIO(with_words)).info["parameters"] == parameters(RECIPE)
    with pytest.raises(ValueError, match="PNG"):
        png_with_recipe(b"GIF89a", RECIPE)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    from studio.media.picture.headers import png_chunks

    return list(png_chunks(data))


def test_the_home_folder_is_not_told_and_found_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    job = JOB.changed(
        model=f"{tmp_path}/models/fox",
        adapters=(Adapter(path=f"{tmp_path}/ink.safetensors"), Adapter(path=f"{tmp_path}x/other")),
        controls=(Control(model=f"{tmp_path}/canny", picture=ASSET),),
        reference=Reference(model=f"{tmp_path}/ip", picture=ASSET),
    )
    recipe = Recipe(job=job, index=0)
    text = to_text(recipe, whole=True)
    assert f'"{tmp_path}/' not in text and "~/models/fox" in text and f"{tmp_path}x/other" in text
    found = read_recipe(write_picture(canvas(), "png", recipe=recipe))
    assert found is not None and found.recipe == recipe


def test_what_lies_outside_the_file_is_told() -> None:
    job = JOB.changed(mode="inpaint", init=ASSET, inpaint=Inpaint(mask=ASSET), takes=1, prompts=())
    found = read_recipe(write_picture(canvas(), "png", recipe=Recipe(job=job, index=0), whole=False))
    assert found is not None and any("began from a picture" in note for note in found.missing)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_a_long_recipe_is_packed_and_one_without_room_is_refused(kind: str) -> None:
    long = Recipe(job=JOB.changed(prompt="a fox in the snow, " * 9_000, prompts=()), index=0)
    found = read_recipe(write_picture(canvas(), kind, recipe=long))
    assert found is not None and found.recipe == long
    noise = "".join(chr(0x4E00 + zlib.crc32(bytes([n % 256, n // 256])) % 20_000) for n in range(40_000))
    if kind == "jpeg":
        with pytest.raises(StudioError) as caught:
            write_picture(canvas(), kind, recipe=Recipe(job=JOB.changed(prompt=noise, prompts=()), index=0))
        assert caught.value.code == "too_long" and "PNG" in caught.value.do


prompts = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(prompts, prompts, st.integers(0, 2**63 - 1), st.sampled_from(WRITTEN))
@settings(max_examples=60, deadline=None)
def test_any_words_survive_every_format(prompt: str, negative: str, seed: int, kind: str) -> None:
    recipe = Recipe(
        job=JOB.changed(prompt=prompt, prompts=(), negative=negative, seed=seed), index=2, made=MADE
    )
    found = read_recipe(write_picture(canvas(8, 8), kind, recipe=recipe))
    assert found is not None and found.recipe == recipe


# -- damaged and hostile -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "damaged"),
        ('{"atelier": 99, "recipe": {}}', "newer Atelier"),
        ('{"atelier": 1, "recipe": {"index": 0, "job": '
         '{"type": "text", "id": "", "prompt": "", "model": "", "seed": 1}}}', "not one of a picture"),
        ("[" * 100_000, "damaged"),
        ('{"atelier": 1, "recipe": {"job": {"type": "image"}}}', "damaged"),
    ],
)  # fmt: skip
def test_a_damaged_recipe_is_told_and_the_text_for_others_is_read(text: str, words: str) -> None:
    found = read_recipe(png(atelier=text, parameters=PARAMETERS))
    assert found is not None and found.source == "a1111" and words in found.missing[0]
    assert read_recipe(png(atelier=text)) is None


def test_an_index_that_is_no_take_is_damage() -> None:
    text = json.dumps(json.loads(to_text(RECIPE, whole=True)) | {})
    wrong = text.replace('"index": 1', '"index": 9')
    assert wrong != text and read_recipe(png(atelier=wrong)) is None


def _with_chunk(name: bytes, content: bytes) -> bytes:
    data = png()
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return data[:33] + chunk + data[33:]


def test_a_text_that_unpacks_without_end_is_left_out_quickly() -> None:
    bomb = zlib.compress(b"a" * 300_000_000, 9)
    started_s = time.thread_time()
    texts = read_texts(_with_chunk(b"zTXt", b"parameters\0\0" + bomb))
    assert "parameters" not in texts and texts.left_out == ["parameters"]
    texts = read_texts(_with_chunk(b"iTXt", b"prompt\0\1\0\0\0" + bomb))
    assert texts.left_out == ["prompt"] and time.thread_time() - started_s < 2.0
    assert read_recipe(_with_chunk(b"zTXt", b"parameters\0\0" + bomb)) is None
    assert read_texts(_with_chunk(b"zTXt", b"parameters\0\0not zlib")).left_out == ["parameters"]


def test_many_and_large_texts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "TEXTS_MOST", 3)
    assert len(read_texts(png(a="1", b="2", c="3", d="4"))) == 3
    monkeypatch.setattr(tags, "TEXT_BYTES_MOST", 10)
    found = read_recipe(png(parameters=PARAMETERS, Dream='"a" -s 4'))
    assert found is not None and "parameters" in found.missing[0]


@pytest.mark.parametrize(
    "texts",
    [
        {"prompt": "[" * 200_000},
        {"prompt": '{"1":' * 50_000},
        {"workflow": '{"nodes":' + "[" * 90_000},
        {"prompt": json.dumps({"1": {"class_type": "KSampler", "inputs": []}})},
        {"prompt": json.dumps({"1": {"class_type": ["x"], "inputs": {}}})},
        {"invokeai_metadata": '{"positive_prompt": 7, "steps": "x", "loras": {"a": 1}, "model": []}'},
        {"invokeai_metadata": '{"seed": 1e999, "steps": NaN}'},
        {"sd_metadata": '{"image": {"prompt": {"a": 1}, "variations": [[]], "seed": true}}'},
        {"Dream": "-s -S -W -H"},
        {"Dream": '"unclosed -s 5'},
        {"parameters": "Steps: " + "9" * 5_000 + ", Sampler: Euler, CFG scale: 7, Seed: 1, Size: 9x9"},
        {"parameters": "a\n" * 20_000 + "Steps: 20, Seed: 1" + ", a: b" * 20_000},
        {"parameters": "<lora:" * 20_000 + "\nSteps: 20, Sampler: x, CFG scale: 7, Seed: 1"},
        {"parameters": 'Steps: 20, Seed: 1, x: "' + "\\" * 60_000},
    ],
)
def test_hostile_texts_are_read_within_a_second(texts: dict[str, str]) -> None:
    started_s = time.thread_time()
    read_recipe(png(**texts))
    assert time.thread_time() - started_s < 1.0


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_exif_does_no_harm(block: bytes) -> None:
    out = io.BytesIO()
    canvas(8, 8).save(out, "JPEG")
    whole = out.getvalue()
    for start in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        content = b"Exif\0\0" + start + block
        data = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + whole[2:]
        read_texts(data)
        read_recipe(data)
        open_picture(data)


# -- again ---------------------------------------------------------------------------------------------


def test_making_again_walks_the_same_path() -> None:
    job = again(RECIPE, id="new", work="w2")
    assert (job.batch, job.rungs, job.id, job.work) == (2, ("vae_tiling",), "new", "w2")
    same = job.changed(batch=0, rungs=(), id=JOB.id, work=JOB.work)
    assert msgspec.structs.asdict(same) == msgspec.structs.asdict(JOB)
    assert again(Recipe(job=JOB, index=0)) == JOB
