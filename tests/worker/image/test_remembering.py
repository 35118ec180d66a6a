"""What is worked out once is used again only where it is the same: prompts, adapters over them, first pictures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.adapter import Adapter
from studio.core.events import Preview
from studio.core.pictures import Inpaint, Variation
from studio.worker.image.encoding import encode_once
from tests.tiny_pictures import FAMILIES, make_lora
from tests.worker.image.conftest import Came, Painter, noise, png, square

FILES = {"init": png(noise(64, 64, 3)), "mask": png(square(16, 16, 40, 40))}
ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")
NEGATIVE = tuple(family for family in FAMILIES if family != "flux")


@contextmanager
def calls(*modules: Any) -> Iterator[list[int]]:
    """Counts how often networks compute."""
    seen: list[int] = []
    handles = [module.register_forward_pre_hook(lambda *_: seen.append(1)) for module in modules if module]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def encoders(painter: Painter) -> list[Any]:
    """The networks that read prompts."""
    return [painter.model.parts.get(name) for name in ENCODERS]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_words_are_read_once_and_other_words_anew(
    family: str, painters: Callable[[str], Painter]
) -> None:
    painter = painters(family)
    first = painter.draw(prompt="a heart on the hill", steps=1).pngs
    with calls(*encoders(painter)) as read:
        assert painter.draw(prompt="a heart on the hill", steps=1).pngs == first
        assert read == []
        assert painter.draw(prompt="small photo of the sky", steps=1).pngs != first
        assert read
    assert painter.draw(prompt="a heart on the hill", steps=1).pngs == first


@pytest.mark.parametrize("family", NEGATIVE)
def test_what_should_not_be_seen_counts_and_is_not_mixed_up_with_the_prompt(
    family: str, painters: Callable[[str], Painter]
) -> None:
    painter = painters(family)
    drawn = [
        painter.draw(prompt=prompt, negative=negative, steps=1).pngs[0]
        for prompt, negative in (("red", "blue"), ("blue", "red"), ("red", ""), ("red", "blue"))
    ]
    assert drawn[0] == drawn[3]
    assert len(set(drawn)) == 3


@pytest.mark.parametrize("family", FAMILIES)
def test_guidance_counts(family: str, painters: Callable[[str], Painter]) -> None:
    painter = painters(family)
    assert painter.draw(guidance=2.0, steps=1).pngs != painter.draw(guidance=8.0, steps=1).pngs


def test_layers_left_out_are_read_anew_by_a_family_of_three_encoders(
    painters: Callable[[str], Painter],
) -> None:
    painter = painters("sd3")
    whole = painter.draw(steps=1).pngs
    assert painter.draw(steps=1, clip_skip=1).pngs != whole
    assert painter.draw(steps=1).pngs == whole


@pytest.mark.parametrize("family", FAMILIES)
def test_takes_drawn_together_read_their_own_prompts(family: str, painters: Callable[[str], Painter]) -> None:
    painter = painters(family)
    [own] = painter.draw(takes=1, prompt="blue sky", steps=1).pixels
    both = painter.draw(takes=2, prompts=("blue sky", "a red fox"), steps=1)
    same = painter.draw(takes=2, prompt="blue sky", steps=1)
    assert np.abs(both.pixels[0].astype(int) - own).max() <= 1
    assert both.pngs[1] != same.pngs[1]


@pytest.mark.parametrize("family", ["sd1", "sdxl", "flux"])
def test_words_are_read_anew_under_every_other_adapter(
    family: str, painters: Callable[[str], Painter], tmp_path: Path
) -> None:
    """Each step looks like the same one drawn by a model that never drew anything else."""
    used = Painter(painters(family).folder, tmp_path / "cache")
    file = tmp_path / "style.safetensors"
    used.draw(steps=1)
    for seed, weight in ((1, 1.0), (1, 0.3), (2, 0.3), (2, 0.0)):
        make_lora(file, used.folder, seed=seed)
        worn = (Adapter(path=str(file), weight=weight),) if weight else ()
        fresh = Painter(used.folder, tmp_path / "cache")
        assert used.draw(steps=1, adapters=worn).pngs == fresh.draw(steps=1, adapters=worn).pngs, (
            seed,
            weight,
        )


def test_only_the_latest_prompts_are_kept(painters: Callable[[str], Painter]) -> None:
    for family, kept in (("sd3", 4), ("sd1", 8)):
        painter = painters(family)
        for word in range(12):
            painter.draw(prompt=f"a {word}", negative="", guidance=1.0, steps=1)
        tools = painter.runner._tools
        assert len(tools.prompts if family == "sd3" else tools._reader._known) == kept  # type: ignore[union-attr]
        with calls(*encoders(painter)) as read:
            painter.draw(prompt="a 11", negative="", guidance=1.0, steps=1)
        assert read == []


def test_one_first_picture_is_encoded_once_for_all_takes(painter: Painter) -> None:
    with calls(painter.model.vae.encoder) as encoded:
        painter.draw(FILES, mode="image", init="init", takes=4, steps=2, preview=False)
    assert len(encoded) == 1


def test_different_pictures_have_latents_of_their_own_and_chance_no_say(painter: Painter) -> None:
    vae = painter.model.vae
    one, other = (torch.from_numpy(noise(1, 3, 64, 64, seed=seed)).float() / 127.5 - 1 for seed in (1, 2))
    with torch.inference_mode():
        expected = [vae.encode(picture).latent_dist.mode() for picture in (one, other)]
        with encode_once(vae):
            found = vae.encode(torch.cat([one, other, one])).latent_dist.sample(torch.Generator())
    assert torch.allclose(found[:1], expected[0], atol=1e-5)
    assert torch.allclose(found[1:2], expected[1], atol=1e-5)
    assert torch.equal(found[2:], found[:1])


def _stuck(painter: Painter) -> list[str]:
    """What a job left on the pipelines and networks of a model."""
    model = painter.model
    found = [f"{name}.{own}" for name, pipe in model._pipes.items() for own in
             ("encode_prompt", "prepare_latents") if own in vars(pipe)]  # fmt: skip
    found += ["vae.encode"] if "encode" in vars(model.vae) else []
    found += ["scheduler.step" for pipe in model._pipes.values() if "step" in vars(pipe.scheduler)]
    found += ["vae tiling"] if model.vae.use_tiling else []
    found += ["vae slicing"] if model.vae.use_slicing else []
    for network in (model.core, model.vae):
        found += [name for name, layer in network.named_modules() if "_conv_forward" in vars(layer)]
    if painter.runner._tools.gate._stopped is not None:
        found.append("gate")
    return found


def _fail(came: Came) -> bool:
    if came.of(Preview):  # in the midst of a step
        raise RuntimeError("as a bug would")
    return False


@pytest.mark.parametrize("end", ["done", "stopped", "failed"])
def test_nothing_that_a_job_put_on_stays_however_it_ends(end: str, painter: Painter) -> None:
    stops = {"done": lambda _came: False, "stopped": lambda came: bool(came.of(Preview)), "failed": _fail}
    how: dict[str, Any] = {
        "mode": "inpaint", "init": "init", "inpaint": Inpaint(mask="mask"), "tiling": "both",
        "variation": Variation(seed=1, base_seed=2), "rungs": ("vae_tiling",), "takes": 2,
        "steps": 4,
    }  # fmt: skip
    if end == "failed":
        with pytest.raises(RuntimeError, match="as a bug would"):
            painter.draw(FILES, stops[end], **how)
    else:
        assert painter.draw(FILES, stops[end], **how).end.status == end
    assert _stuck(painter) == []
