"""How a pipeline is called for a job: its own words for size, pictures, guidance and prompts."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from PIL import Image as Pillow

from studio.core.pictures import ImageJob
from studio.worker.image.png import Pixels
from studio.worker.image.weights import ClipReader

_KEEP = 4  # encoded prompts


def call_options(
    pipe: Any,
    job: ImageJob,
    size: tuple[int, int],
    init: Pixels | None,
    mask: Pixels | None,
    generators: Sequence[torch.Generator],
) -> dict[str, Any]:
    """Size, first picture, steps and chance, as far as this pipeline has words for them."""
    options: dict[str, Any] = {
        "width": size[0],
        "height": size[1],
        "num_inference_steps": job.steps,
        "generator": list(generators),
        "output_type": "pt",
        "return_dict": False,
    }
    if init is not None:
        picture = Pillow.fromarray(init)
        # SD 3 wants one a take; the mask's pipelines repeat the picture themselves
        pictures = picture if mask is not None else [picture] * len(generators)
        options |= {"image": pictures, "strength": drawing_strength(job)}
    if mask is not None:
        options["mask_image"] = Pillow.fromarray(mask)
    known = inspect.signature(pipe.__call__).parameters
    return {name: value for name, value in options.items() if name in known}


def drawing_strength(job: ImageJob) -> float:
    """The job's strength, but at least one step's: a pipeline cannot draw none."""
    strength = job.strength
    while int(job.steps * strength) < 1:
        strength = min(1.0, strength + 1.0 / job.steps)
    return strength


def prompt_options(
    family: str, job: ImageJob, prompts: Sequence[str], reader: ClipReader | None
) -> dict[str, Any]:
    """Prompts, negative prompt and guidance for the takes of a batch."""
    if reader is not None:
        guided = job.guidance > 1.0
        embedded = reader.call_options(prompts, job.negative, job.clip_skip, guided)
        return {"guidance_scale": job.guidance, **embedded}
    same = len(set(prompts)) == 1
    options: dict[str, Any] = {"prompt": prompts[0] if same else list(prompts)}
    options["num_images_per_prompt"] = len(prompts) if same else 1
    negative: str | None = job.negative
    if family == "qwen_image":  # its guidance goes under another name, and reads an empty prompt as a blank
        options["true_cfg_scale"] = job.guidance
        negative = job.negative or " "
    else:
        options["guidance_scale"] = job.guidance
    if family == "flux":
        negative = None
    if negative is not None:
        options["negative_prompt"] = negative if same else [negative] * len(prompts)
    if family == "sd3" and job.clip_skip:
        options["clip_skip"] = job.clip_skip
    return options


@contextmanager
def remembering(pipe: Any, known: dict[str, Any]) -> Iterator[None]:
    """Have a pipeline encode the same prompts once, to the end of the block; `known` keeps the latest."""
    encode: Callable[..., Any] = pipe.encode_prompt

    def once(*args: Any, **options: Any) -> Any:
        given = inspect.signature(encode).bind(*args, **options).arguments
        if any(isinstance(value, torch.Tensor | list) and _has_tensor(value) for value in given.values()):
            return encode(*args, **options)
        key = repr((type(pipe).__name__, sorted((name, repr(value)) for name, value in given.items())))
        if key not in known:
            known[key] = encode(*args, **options)
            while len(known) > _KEEP:
                known.pop(next(iter(known)))
        return known[key]

    pipe.encode_prompt = once
    try:
        yield
    finally:
        del pipe.encode_prompt


def _has_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor) or any(isinstance(item, torch.Tensor) for item in value)
