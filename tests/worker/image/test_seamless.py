"""Seamless pictures: what leaves on one side comes in on the other, and only while a job asks for it."""

import pytest
import torch

from studio.core.pictures import Tiling
from studio.worker.image.seamless import seamless
from tests.worker.image.conftest import Painter


@pytest.mark.parametrize(("tiling", "shifts"), [("both", (3, 2)), ("x", (0, 2)), ("y", (3, 0))])
def test_a_shifted_start_gives_the_shifted_picture(
    tiling: Tiling, shifts: tuple[int, int], painter: Painter
) -> None:
    vae = painter.model.vae
    latents = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    moved = torch.roll(latents, shifts, dims=(2, 3))
    with torch.inference_mode(), seamless([vae], tiling):
        one, other = vae.decode(latents).sample, vae.decode(moved).sample
    pixels = (shifts[0] * 8, shifts[1] * 8)
    assert torch.allclose(torch.roll(one, pixels, dims=(2, 3)), other, atol=1e-4)


def test_without_it_the_edges_are_edges(painter: Painter) -> None:
    vae = painter.model.vae
    latents = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        one, other = vae.decode(latents).sample, vae.decode(torch.roll(latents, 2, dims=3)).sample
    assert not torch.allclose(torch.roll(one, 16, dims=3), other, atol=1e-4)


def test_it_is_switched_off_again(painter: Painter) -> None:
    plain = painter.draw().pngs
    assert painter.draw(tiling="both").pngs != plain
    assert painter.draw().pngs == plain
    assert painter.draw(tiling="x").pngs != painter.draw(tiling="y").pngs
