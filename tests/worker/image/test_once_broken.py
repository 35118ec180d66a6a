"""What was once broken in drawing pictures, each named by how it must be."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import SafetensorError

from studio.core.errors import StudioError
from studio.core.pictures import Control, Inpaint, Upscale
from studio.core.takes import Recipe
from studio.media.picture.again import again
from studio.media.picture.schedulers import choices
from studio.worker.image import batch as batch_module
from studio.worker.image import preview
from tests.tiny_pictures import make_control, make_tiny_vae
from tests.worker.image.conftest import Came, Painter, noise, png, square

TILES = Upscale(factor=2.0, tile_px=64, overlap_px=16)


@pytest.fixture(scope="session")
def nets(tmp_path_factory: pytest.TempPathFactory, painters: Callable[[str], Painter]) -> list[str]:
    """Two control nets of the usual family."""
    base, folder = tmp_path_factory.mktemp("nets"), painters("sd1").folder
    return [str(make_control(base / name, folder, seed=seed)) for seed, name in enumerate("ab")]


def _controls(*models: str, picture: str = "guide") -> tuple[Control, ...]:
    return tuple(Control(model=model, picture=picture) for model in models)


def test_two_control_nets_are_asked_once_a_block_however_many_jobs_there_were(
    painter: Painter, nets: list[str]
) -> None:
    files = {"guide": png(square(10, 10, 30, 60))}

    def hooks() -> int:
        loaded = [one.net for one in painter.model.loaded_controls.values()]
        return sum(len(layer._forward_pre_hooks) for net in loaded for layer in net.modules())

    painter.draw(files, controls=_controls(*nets))
    once = hooks()
    painter.draw(files, controls=_controls(*nets))
    assert hooks() == once > 0


def test_a_control_net_that_was_taken_off_gives_its_memory_back(painter: Painter, nets: list[str]) -> None:
    files = {"guide": png(square(10, 10, 30, 60))}
    painter.draw(files, controls=_controls(nets[0]))
    net = weakref.ref(next(iter(painter.model.loaded_controls.values())).net)
    painter.draw(files, controls=_controls(nets[1]))
    assert net() is None
    net = weakref.ref(next(iter(painter.model.loaded_controls.values())).net)
    painter.draw()
    assert net() is None


def test_hashes_of_control_nets_stand_in_the_order_of_the_job(painter: Painter, nets: list[str]) -> None:
    files = {"guide": png(square(10, 10, 30, 60))}
    one, other = (
        painter.draw(files, controls=_controls(*order)).started.made.drawn for order in (nets, nets[::-1])
    )
    assert one is not None
    assert other is not None
    assert one.extras_sha256 == other.extras_sha256[::-1] != other.extras_sha256


def test_what_a_job_was_drawn_from_is_let_go_of_with_it(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    born: list[Any] = []

    class Seen(batch_module.Batch):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            born.append(weakref.ref(self))

    monkeypatch.setattr("studio.worker.image.runner.Batch", Seen)
    painter.draw({"init": png(noise(64, 64, 3))}, mode="upscale", init="init", upscale=TILES)
    gc.collect()
    assert [one() for one in born] == [None]


@pytest.mark.parametrize("scaler", ["lanczos", "model"])
def test_an_enlarged_picture_stays_transparent_beside_a_lock(painter: Painter, scaler: Any) -> None:
    init = noise(64, 64, 4)
    init[..., 3] = square(20, 20, 40, 40)
    files = {"init": png(init), "lock": png(square(0, 0, 30, 30))}
    how = {
        "mode": "upscale",
        "init": "init",
        "upscale": Upscale(factor=2.0, tile_px=128, overlap_px=16, scaler=scaler),
    }
    [free], [locked] = painter.draw(files, **how).pixels, painter.draw(files, lock="lock", **how).pixels
    assert np.array_equal(free[..., 3], locked[..., 3])


def test_each_tile_follows_its_own_piece_of_the_control_picture(painter: Painter, nets: list[str]) -> None:
    left, right = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8)
    left[:, :8], right[:, :8], right[:, 56:] = 255, 255, 255
    files = {"init": png(noise(64, 64, 3)), "left": png(left), "right": png(right)}
    [one], [other] = (
        painter.draw(
            files, mode="upscale", init="init", upscale=TILES, controls=_controls(nets[0], picture=name)
        ).pixels
        for name in ("left", "right")
    )
    assert np.array_equal(one[:, :40], other[:, :40])  # the tiles there have nothing of the difference
    assert not np.array_equal(one[:, 80:], other[:, 80:])


def test_only_the_cut_out_part_of_a_control_picture_guides_a_cut_out_mask(
    painter: Painter, nets: list[str]
) -> None:
    far, near = np.zeros((256, 256, 3), np.uint8), np.zeros((256, 256, 3), np.uint8)
    far[200:, 200:], near[20:40, 20:40] = 255, 255
    files = {
        "init": png(noise(256, 256, 3)),
        "mask": png(square(16, 16, 48, 48, 256)),
        "none": png(np.zeros((256, 256, 3), np.uint8)),
        "far": png(far),
        "near": png(near),
    }
    masked = Inpaint(mask="mask", area="masked", padding_px=16)
    none, away, here = (
        painter.draw(
            files, mode="inpaint", init="init", inpaint=masked, controls=_controls(nets[0], picture=name)
        ).pngs
        for name in ("none", "far", "near")
    )
    assert none == away != here


@pytest.mark.parametrize("config", ['{"_class_name": "AutoencoderTiny"}', "[]", '"text"', "{"])
def test_a_broken_small_vae_beside_a_model_is_passed_over(config: str, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text(config)
    make_tiny_vae(tmp_path / "whole")

    def load(folder: Path) -> Any:
        if folder.name == "broken":
            raise StudioError("There are no weights.", code="missing_file")
        return folder

    assert len(preview.tiny_decoders(tmp_path / "model", 4, load)) == 1


def test_a_map_of_previews_that_cannot_be_kept_leaves_nothing_behind(
    tmp_path: Path, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_tensors: Any, file: str) -> None:
        Path(file).write_bytes(b"half")
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(preview, "save_file", full)
    assert preview.map_for(painter.model.vae, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_too_large_to_hand_over_is_refused_before_it_is_drawn(painter: Painter) -> None:
    files = {"init": png(np.zeros((1200, 1200, 3), np.uint8))}
    with pytest.raises(StudioError, match="too large") as refused:
        painter.draw(files, mode="upscale", init="init", upscale=Upscale(factor=8.0, scaler="lanczos"))
    assert refused.value.code == "too_large"
    assert refused.value.do


def test_a_lost_picture_is_told_with_what_to_do(painter: Painter) -> None:
    with pytest.raises(StudioError) as lost:
        painter.draw(mode="image", init="init")
    assert lost.value.do


def test_a_take_drawn_after_memory_ran_out_midway_is_made_again_in_a_batch_of_its_own_size(
    painter: Painter,
) -> None:
    most = [8]

    def before(_module: Any, inputs: tuple[Any, ...]) -> None:
        if inputs[0].shape[0] > most[-1]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    def fewer(came: Came) -> bool:
        if len(came.ends) == 4:
            most.append(4)  # two takes, each with and without the prompt
        return False

    handle = painter.model.core.register_forward_pre_hook(before)
    try:
        came = painter.draw(stopped=fewer, takes=8, batch=4)
    finally:
        handle.remove()
    made = came.ends[5].made
    assert made is not None
    assert made.drawn is not None
    assert (made.drawn.batches, made.drawn.rungs) == ((4, 2, 2), ("smaller_batch",))
    assert came.ends[0].made is None
    recipe = Recipe(job=painter.job(takes=8, batch=4), index=5, made=made)
    replay = again(recipe)
    assert (replay.batch, replay.rungs) == (2, ("smaller_batch",))
    assert painter.draw(takes=8, batch=replay.batch, rungs=replay.rungs).pngs[5] == came.pngs[5]


def test_every_scheduler_on_offer_draws_in_one_step(painters: Callable[[str], Painter]) -> None:
    painter = painters("sdxl")
    for name in choices(painter.model.card.schedulers):
        assert painter.draw(scheduler=name, steps=1).end.status == "done"
