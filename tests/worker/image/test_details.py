"""Small rules of drawing that a picture alone does not show: strength, chance, thumbnails, previews' cost and map."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from safetensors.torch import save_file

from studio.core.events import Event, Preview
from studio.core.pictures import ImageJob, Upscale
from studio.worker.image import preview, reporter
from studio.worker.image.calling import drawing_strength
from studio.worker.image.noise import slerp
from studio.worker.image.png import finished, pixels_of
from studio.worker.image.preview import RgbMap, map_for
from studio.worker.image.reporter import Reporter
from tests.tiny_pictures import FAMILIES
from tests.worker.image.conftest import Painter, noise, png

INIT = noise(64, 64, 3)
FILES = {"init": png(INIT)}


# strength


@given(st.integers(1, 150), st.floats(0.0, 1.0))
def test_a_strength_is_kept_unless_it_would_draw_nothing(steps: int, strength: float) -> None:
    job = ImageJob(id="j", prompt="x", model="m", seed=1, steps=steps, strength=strength)
    used = drawing_strength(job)
    assert strength <= used <= 1.0
    assert int(steps * used) >= 1
    assert used == strength or int(steps * strength) < 1


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("strength", "drawn"), [(0.0, 1), (0.3, 3), (1.0, 10)])
def test_strength_is_the_share_of_steps_that_are_drawn(
    family: str, strength: float, drawn: int, painters: Callable[[str], Painter]
) -> None:
    painter = painters(family)
    steps: list[int] = []
    handle = painter.model.core.register_forward_hook(lambda *_: steps.append(1))
    try:
        came = painter.draw(
            FILES, mode="image", init="init", steps=10, strength=strength, guidance=1.0, preview=False
        )
    finally:
        handle.remove()
    assert came.end.status == "done"
    assert len(steps) == drawn or (family == "sd1" and len(steps) == drawn + 1)  # PNDM takes one more


# chance


def test_between_two_noises_there_is_as_much_noise() -> None:
    one, other = (torch.randn(4, 32, 32, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    for share in (0.1, 0.5, 0.9):
        assert float(slerp(one, other, share).std()) == pytest.approx(1.0, abs=0.03)
    assert torch.allclose(slerp(one, other, 0.3), slerp(other, one, 0.7), atol=1e-5)


def test_tiles_of_the_same_colour_have_noise_of_their_own(painter: Painter) -> None:
    flat = {"init": png(np.full((64, 64, 3), 128, np.uint8))}
    upscale = Upscale(factor=2.0, tile_px=64, overlap_px=0)
    [drawn] = painter.draw(flat, mode="upscale", init="init", upscale=upscale).pixels
    corners = {drawn[y : y + 64, x : x + 64].tobytes() for x in (0, 64) for y in (0, 64)}
    assert len(corners) == 4


def test_seamless_pictures_wrap_both_networks_while_they_are_drawn(painter: Painter) -> None:
    wrapped: dict[str, int] = {}

    def look(_came: Any) -> bool:
        for name, network in (("core", painter.model.core), ("vae", painter.model.vae)):
            layers = sum("_conv_forward" in vars(layer) for layer in network.modules())
            wrapped[name] = max(wrapped.get(name, 0), layers)
        return False

    painter.draw(stopped=look, tiling="both", steps=1)
    assert wrapped["core"] > 0
    assert wrapped["vae"] > 0


# files


@pytest.mark.parametrize(
    ("size", "small"), [((600, 300), (256, 128)), ((40, 30), (40, 30)), ((256, 8), (256, 8))]
)
def test_a_thumbnail_is_small_and_the_picture_whole(size: tuple[int, int], small: tuple[int, int]) -> None:
    pixels = noise(size[1], size[0], 3)
    image = finished(pixels)
    assert (image.width, image.height) == size
    assert np.array_equal(np.array(Pillow.open(io.BytesIO(image.png))), pixels)
    thumb = Pillow.open(io.BytesIO(image.thumb))
    assert (thumb.size, thumb.format) == (small, "WEBP")


def test_colours_are_rounded_and_held_in_their_bounds() -> None:
    given_ = torch.tensor([-0.1, 0.0, 0.499, 0.999, 1.0, 1.2]).view(1, 1, 1, 6).expand(1, 3, 1, 6)
    [drawn] = pixels_of(given_.clone())
    assert drawn[0, :, 0].tolist() == [0, 0, 127, 255, 255, 255]


# previews


def test_previews_take_a_sixtieth_of_the_time_however_slow_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(reporter.time, "perf_counter", lambda: now[0])

    def slow(latents: torch.Tensor) -> list[Any]:
        now[0] += 0.05
        return [np.zeros((8, 8, 3), np.uint8) for _ in latents]

    monkeypatch.setattr(reporter, "predicted_original", lambda *_given: torch.zeros(1, 4, 8, 8))
    sent: list[Event] = []
    told = Reporter("job", [3], slow, lambda latents: latents, sent.append)
    told.begin(40, lambda _row, drawn: drawn)
    for _ in range(40):
        now[0] += 0.2
        told.step(None, torch.zeros(1), 0, torch.zeros(1))
    shown = [event for event in sent if isinstance(event, Preview) and event.pictures]
    assert [event.step for event in shown] == [1, 16, 31]  # every 0.05 * 60 seconds
    assert {small.index for event in shown for small in event.pictures} == {3}
    assert len(sent) == 40


def test_takes_in_turn_are_shown_under_their_own_numbers(painter: Painter) -> None:
    came = painter.draw(takes=3, batch=1)
    shown = [small.index for event in came.previews for small in event.pictures]
    assert shown == sorted(shown)
    assert set(shown) == {0, 1, 2}


def test_smaller_patches_are_averages_of_the_larger_ones() -> None:
    weight = torch.rand(37, 48)
    grid = weight.view(37, 3, 4, 4)
    assert torch.allclose(RgbMap(weight)._as_patch(1), grid.mean(dim=(2, 3)))
    halves = RgbMap(weight)._as_patch(2).view(37, 3, 2, 2)
    assert torch.allclose(halves[:, :, 0, 1], grid[:, :, :2, 2:].mean(dim=(2, 3)))


@pytest.mark.parametrize("kept", [torch.zeros(5, 48), torch.full((37, 48), float("nan"))])
def test_a_kept_map_that_does_not_fit_is_fitted_anew(
    kept: torch.Tensor, painter: Painter, tmp_path: Path
) -> None:
    latents = torch.rand(1, 4, 8, 8)
    [first] = map_for(painter.model.vae, tmp_path)(latents)
    [file] = tmp_path.iterdir()
    save_file({"weight": kept}, file)
    [again] = map_for(painter.model.vae, tmp_path)(latents)
    assert np.array_equal(first, again)


def test_another_vae_of_the_same_shape_has_a_map_of_its_own(painter: Painter) -> None:
    vae = painter.model.vae
    before, bias = preview._name(vae), vae.decoder.conv_out.bias.data
    vae.decoder.conv_out.bias.data = bias + 1.0
    other = preview._name(vae)
    vae.decoder.conv_out.bias.data = bias
    assert other != before
