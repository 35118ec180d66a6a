"""Prompts through CLIP: as diffusers reads them, with weights, longer than the window, with layers left out."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from studio.worker.image.weights import ClipReader
from tests.worker.image.conftest import Painter

CLIP_FAMILIES = ("sd1", "sdxl")


def read(painter: Painter, prompt: str, negative: str = "", clip_skip: int = 0) -> dict[str, Any]:
    """What the pipeline is called with."""
    with torch.inference_mode():
        return ClipReader(painter.model.pipe("text")).call_options([prompt], negative, clip_skip, True)


@pytest.mark.parametrize("negative", ["", "blue sky"])
@pytest.mark.parametrize(("family", "clip_skip"), [("sd1", 0), ("sdxl", 0), ("sdxl", 1)])
def test_a_plain_prompt_is_read_as_diffusers_reads_it(
    family: str, clip_skip: int, negative: str, painters: Callable[[str], Painter]
) -> None:
    pipe = painters(family).model.pipe("text")
    with torch.inference_mode():
        theirs = pipe.encode_prompt(
            prompt="a red fox", device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=True,
            negative_prompt=negative or None, clip_skip=clip_skip or None,
        )  # fmt: skip
    ours = read(painters(family), "a red fox", negative, clip_skip)
    names = (
        "prompt_embeds",
        "negative_prompt_embeds",
        "pooled_prompt_embeds",
        "negative_pooled_prompt_embeds",
    )
    for name, tensor in zip(names, theirs, strict=False):
        assert torch.allclose(ours[name], tensor, atol=1e-5), name


def test_a_layer_left_out_is_normed_as_the_last_one(painter: Painter) -> None:
    pipe = painter.model.pipe("text")
    ids = pipe.tokenizer("a red fox", padding="max_length", return_tensors="pt").input_ids
    with torch.inference_mode():
        layers = pipe.text_encoder(ids, output_hidden_states=True).hidden_states
        wanted = pipe.text_encoder.final_layer_norm(layers[-2])
    ours = read(painter, "a red fox", clip_skip=1)
    assert torch.allclose(ours["prompt_embeds"], wanted, atol=1e-5)
    assert torch.equal(ours["negative_prompt_embeds"], read(painter, "a")["negative_prompt_embeds"])


@pytest.mark.parametrize("family", CLIP_FAMILIES)
def test_a_weight_moves_its_own_words_only(family: str, painters: Callable[[str], Painter]) -> None:
    painter = painters(family)
    plain = read(painter, "a red fox")["prompt_embeds"]
    heavy = read(painter, "a (red:1.5) fox")["prompt_embeds"]
    empty = read(painter, "")["prompt_embeds"]
    changed = (plain - heavy).abs().sum(dim=-1)[0] > 1e-6
    assert changed.nonzero().flatten().tolist() == [2]  # start, a, red
    assert torch.allclose(heavy[0, 2] - empty[0, 2], 1.5 * (plain[0, 2] - empty[0, 2]), atol=1e-5)
    assert torch.equal(read(painter, "a (red:1.0) fox")["prompt_embeds"], plain)


@pytest.mark.parametrize("family", CLIP_FAMILIES)
def test_a_long_prompt_is_read_in_windows(family: str, painters: Callable[[str], Painter]) -> None:
    painter = painters(family)
    long = "a red fox on the hill " * 20
    given = read(painter, long, "blue")
    assert given["prompt_embeds"].shape[1] == 2 * 77
    assert given["negative_prompt_embeds"].shape == given["prompt_embeds"].shape
    cut = read(painter, "a red fox on the hill " * 12)["prompt_embeds"]
    assert torch.allclose(given["prompt_embeds"][:, :70], cut[:, :70], atol=1e-5)
    assert len(painter.draw(prompt=long).pngs) == 1


def test_takes_with_prompts_of_different_length_go_together(painter: Painter) -> None:
    came = painter.draw(takes=2, prompts=("a red fox", "a red fox on the hill " * 20))
    assert len(set(came.pngs)) == 2


def test_more_layers_than_there_are_leave_the_first(painter: Painter) -> None:
    assert torch.equal(
        read(painter, "a", clip_skip=12)["prompt_embeds"], read(painter, "a", clip_skip=2)["prompt_embeds"]
    )
    assert painter.draw(clip_skip=12).pngs != painter.draw().pngs
