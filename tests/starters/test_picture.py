"""The picture recipe: what it reads, a tiny run of all its parts, resuming, and a folder the real pipeline loads."""

import dataclasses
import json
import lzma
import zipfile
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import picture
import picture_data
import picture_export
import picture_words
import pytest
import torch
from picture_feed import Feed
from picture_net import Shape, build_scheduler, noised
from picture_scorer import ScorerPlan
from picture_train import Plan, Trainer
from picture_vae import LATENTS, VaePlan, VaeTrainer, build_vae, even_out, psnr
from PIL import Image, ImageDraw
from starter_muon import orthogonal
from starter_run import Progress, Span

THINGS = ("red heart", "blue star", "house", "google")
STYLES = {
    "noto": "noto emoji, soft shaded cartoon",
    "fluent_3d": "3d render, glossy",
    "blobmoji": "blob emoji",
}
TINY = Shape(widths=(16, 16, 32), text=16, text_layers=1)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Tiny models are fastest so, and sums come out the same every time."""
    torch.set_num_threads(1)


def icon(colour: str, side: int = 128) -> bytes:
    """A disc on nothing, as PNG."""
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((side // 4, side // 4, side // 4 * 3, side // 4 * 3), fill=colour)
    held = BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of a few discs in the layout of the real one."""
    root = tmp_path_factory.mktemp("corpus")
    images = root / "images"
    images.mkdir()
    rows = []
    for name in picture_data.SETS:
        with zipfile.ZipFile(images / f"{name}.zip", "w") as archive:
            for i, thing in enumerate(THINGS if name in STYLES else ()):
                archive.writestr(f"{i}.webp", icon(("red", "blue", "gray", "green")[i]))
                rows.append(
                    {
                        "file": f"{name}/{i}.webp",
                        "caption": thing,
                        "keywords": ["sign"],
                        "style": STYLES[name],
                        "set": name,
                        "split": "test" if thing == "house" else "train",
                    }
                )
    with lzma.open(images / picture_data.CAPTIONS, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return root


@pytest.fixture
def feed(corpus: Path, tmp_path: Path) -> Feed:
    """Discs and latents of chance."""
    pictures = picture_data.read_pictures(corpus, frozenset())
    pixels = picture_data.read_pixels(corpus, pictures, tmp_path / "pixels.npy")
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((2, len(pictures), 2, LATENTS, 16, 16)).astype(np.float16)
    tokenizer = picture_words.learn(pictures, 300)
    return Feed(pictures, pixels, np.abs(latents), tokenizer, 0.1, 6.0)


def test_brands_are_left_out_and_pairs_held_of_uncommon_things_only(corpus: Path) -> None:
    found = picture_data.read_pictures(corpus, frozenset({"red heart"}))
    assert {one.caption for one in found} == {"red heart", "blue star", "house"}
    held = [one for one in found if one.side == "held"]
    assert [one.caption for one in held] == ["blue star"]
    assert {one.side for one in found if one.caption == "house"} == {"test"}
    assert {one.style for one in found if one.caption == "blue star" and one.side == "train"}.isdisjoint(
        {held[0].style}
    )


def test_icons_stand_on_white_in_the_middle() -> None:
    seen = picture_data.on_white(icon("red", 64))
    assert seen.shape == (128, 128, 3)
    assert (seen[0, 0] == 255).all() and (seen[64, 64] == [255, 0, 0]).all()
    assert (seen[64, 40] == 255).all()  # a small icon is not enlarged


def test_only_icons_without_a_side_are_mirrored() -> None:
    make = picture_data.Picture("f", "left arrow", (), "s", "noto", "train")
    assert not make.mirrors
    assert dataclasses.replace(make, caption="red heart").mirrors


def test_a_common_thing_has_one_look_where_no_style_is_said() -> None:
    rng = np.random.default_rng(0)
    fish = picture_data.Picture("f", "fish", (), "soft cartoon", "noto", "train")
    assert all("soft cartoon" in picture_words.phrase(fish, "", rng) for _ in range(50))
    plain = dataclasses.replace(fish, set=picture_words.PLAINEST)
    assert not all("soft cartoon" in picture_words.phrase(plain, "", rng) for _ in range(50))
    assert [Feed._way(fish, rng) for _ in range(20)] == [0] * 20
    rare = dataclasses.replace(fish, caption="oil drum")
    assert {Feed._way(rare, rng) for _ in range(50)} == {0, 1}


def test_leading_colour_of_an_icon() -> None:
    assert picture_words.colour_of(picture_data.on_white(icon("#d82a2a"))) == "red"
    assert picture_words.colour_of(np.full((64, 64, 3), 255, np.uint8)) == ""


def test_tokenizer_keeps_to_clips_make(feed: Feed, tmp_path: Path) -> None:
    feed.tokenizer.save_pretrained(tmp_path / "tokenizer")
    again = picture_words.load(tmp_path / "tokenizer")
    for text in ("a red heart", "Ünïcode 🦊 ?!", "", "word " * 60):
        ids = picture_words.encode(again, [text])
        assert ids.shape == (1, picture_words.LENGTH)
        assert ids[0, 0] == 0 and 1 in ids[0]
        assert (ids == picture_words.encode(feed.tokenizer, [text])).all()
    assert (
        picture_words.encode(again, ["Red  HEART"]).tolist()
        == picture_words.encode(again, ["red heart"]).tolist()
    )


def test_velocity_gives_back_picture_and_noise() -> None:
    clean, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    signal = build_scheduler().alphas_cumprod[[200, 999]]
    assert signal[1] < 1e-6  # nothing of the picture is left at the last level
    noisy, velocity = noised(clean, noise, signal)
    keep, fade = signal.sqrt().view(-1, 1, 1, 1), (1 - signal).sqrt().view(-1, 1, 1, 1)
    torch.testing.assert_close(keep * noisy - fade * velocity, clean)
    torch.testing.assert_close(fade * noisy + keep * velocity, noise)


def test_muon_steps_have_even_singular_values() -> None:
    steps = orthogonal(torch.randn(2, 24, 90))
    values = torch.linalg.svdvals(steps)
    assert values.min() > 0.5 and values.max() < 1.4
    torch.testing.assert_close(orthogonal(steps.mT), orthogonal(steps).mT)


def test_latents_leave_the_vae_even_and_pictures_the_same() -> None:
    torch.manual_seed(0)
    vae = build_vae((8, 8, 16, 16)).eval()
    pixels = np.random.default_rng(0).integers(0, 255, (8, 128, 128, 3), dtype=np.uint8)
    before = psnr(vae, pixels)
    even_out(vae, pixels)
    with torch.no_grad():
        latents = vae.encode(torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1).latent_dist.mean
    torch.testing.assert_close(latents.mean((0, 2, 3)), torch.zeros(LATENTS), atol=2e-3, rtol=0)
    torch.testing.assert_close(latents.std((0, 2, 3)), torch.ones(LATENTS), atol=2e-3, rtol=0)
    assert psnr(vae, pixels) == pytest.approx(before, abs=0.02)


def test_schedule_falls_to_nothing_and_goes_on() -> None:
    now, span = Progress(), Span(steps=10, warm=2, tail=0.5)
    rates = []
    while not now.ended:
        rates.append(now.factor(span.warm))
        now.step += 1
        span.steer(now, 1.0, Path("/nowhere"))
    assert now.step == 10 and rates[0] == 0.5 and rates[4] == 1.0 and rates[-1] == pytest.approx(0.2)
    now.go_on()
    assert not now.ended and now.factor(span.warm) == 0.5


@pytest.mark.parametrize("part", ["vae", "unet"])
def test_resumed_run_equals_unbroken_one(feed: Feed, tmp_path: Path, part: str) -> None:
    span = Span(steps=4, warm=2, tail=0.5)
    rows = list(range(len(feed.pictures)))

    def make(folder: str) -> VaeTrainer | Trainer:
        if part == "vae":
            plan = VaePlan(span=span, widths=(8, 8, 16, 16), batch=4, piece_px=32, whole=3)
            return VaeTrainer(plan, feed.pixels, rows, tmp_path / folder)
        return Trainer(Plan(shape=TINY, span=span, batch=4), feed, tmp_path / folder, compiled=False)

    def go(trainer: VaeTrainer | Trainer, steps: int) -> None:
        for _ in range(steps):
            trainer.step()
            trainer.plan.span.steer(trainer.progress, 1.0, trainer.folder)

    whole, first, second = make("whole"), make("broken"), make("broken")
    go(whole, 4)
    go(first, 2)
    first.save()
    second.load()
    go(second, 2)
    assert whole.progress.ended and second.progress.ended
    for name, value in whole.mean.items():
        assert torch.equal(value, second.mean[name]), name


def test_whole_recipe_in_small(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # its thread would outlive the test
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    plans = picture.Plans(
        VaePlan(widths=(8, 8, 16, 16), batch=4, piece_px=32),
        ScorerPlan(batch=4, shape=TINY),
        Plan(shape=TINY),
        drawing=2,
    )
    monkeypatch.setattr("picture_publish.PROMPTS", ("a red heart", "a house"))
    out, run = tmp_path / "out" / "picture", tmp_path / "run"
    places = ["--corpus", str(corpus), "--out", str(out), "--run", str(run), "--eager", "--batch", "4"]
    picture.main([*places, "--steps", "2", "--vae-steps", "2", "--scorer-steps", "2"], plans)
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "dB** PSNR" in card and "![contact sheet](sheet.webp)" in card
    with Image.open(out / "sheet.webp") as seen:
        assert seen.size == (1024, 128)
    pipe = picture_export.load(out)
    one = picture_export.draw(pipe, ["a red heart"], steps=2)
    again = picture_export.draw(pipe, ["a red heart", "x"], steps=2)
    assert one.shape == (1, 128, 128, 3)
    assert np.abs(one[0].astype(int) - again[0]).max() <= 1  # the seed decides, not the group
    monkeypatch.setattr(picture, "publish", lambda *_: SimpleNamespace(figures="none"))
    picture.main([*places, "--steps", "1", "--resume"], plans)
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    assert state["progress"]["step"] == 3 and state["progress"]["leg_step"] == 2
