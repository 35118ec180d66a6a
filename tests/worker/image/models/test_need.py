"""What a job needs is known before its model is loaded, and is neither short of what it takes nor far beyond."""

import gc
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.catalog.image_memory import drawing_mib
from studio.catalog.inspect import inspect_model
from studio.worker.image.need import need_mib
from tests.tiny_checkpoints import make_checkpoint
from tests.worker.image.models.conftest import Pipelines

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of a process from /proc")


def peak_mib(act: Callable[[], object]) -> float:
    """How far above what is held now the process's memory rises meanwhile."""

    def state(name: str) -> float:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))

    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = state("VmRSS")
    with torch.no_grad():
        act()
    return state("VmHWM") - before


@linux
def test_decoding_takes_about_what_was_said() -> None:
    from diffusers import AutoencoderKL

    sizes = {"block_out_channels": (64, 64, 64, 64), "layers_per_block": 1}
    kinds = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    vae = AutoencoderKL(**sizes, **kinds).eval()
    said = drawing_mib({"block_out_channels": [8]}, dict(vae.config), 256, 256, 1, 4)
    taken = peak_mib(lambda: vae.decode(torch.randn(1, 4, 32, 32)))
    assert 0.3 * said < taken < 1.1 * said


@linux
def test_a_step_takes_about_what_was_said() -> None:
    from diffusers import SD3Transformer2DModel

    core = SD3Transformer2DModel(
        sample_size=64, num_layers=2, attention_head_dim=64, num_attention_heads=8, joint_attention_dim=64,
        caption_projection_dim=512, pooled_projection_dim=64, pos_embed_max_size=96,
    ).eval()  # fmt: skip
    said = drawing_mib(dict(core.config), {"block_out_channels": [1, 1, 1, 1]}, 512, 512, 1, 4)
    given = {
        "hidden_states": torch.randn(2, 16, 64, 64), "encoder_hidden_states": torch.randn(2, 333, 64),
        "pooled_projections": torch.randn(2, 64), "timestep": torch.tensor([1.0, 1.0]),
    }  # fmt: skip
    assert 0.3 * said < peak_mib(lambda: core(**given)) < 1.1 * said


def test_more_and_larger_takes_need_more_and_small_numbers_less(pipelines: Pipelines) -> None:
    for folder in pipelines.values():
        card = inspect_model(folder)
        small = need_mib(card, 512, 512, 1, 4)
        assert small < need_mib(card, 1024, 512, 1, 4) < need_mib(card, 1024, 1024, 1, 4)
        assert small < need_mib(card, 512, 512, 4, 4)
        assert need_mib(card, 512, 512, 1, 2) < small


def test_a_checkpoint_needs_what_its_folder_needs(pipelines: Pipelines, tmp_path: Path) -> None:
    file = make_checkpoint(tmp_path / "x.safetensors", pipelines["sd3"], "sd3")
    needs = [need_mib(inspect_model(path), 512, 512, 2, 4) for path in (file, pipelines["sd3"])]
    assert needs[0] == needs[1]
