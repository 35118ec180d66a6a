"""A recipe as the text `parameters`, which AUTOMATIC1111, Forge, SD.Next and many viewers read.

Source: AUTOMATIC1111, modules/processing.py, create_infotext; modules/infotext_utils.py, quote.
"""

import json
from typing import Any

from studio import __version__
from studio.core.seeds import take_seeds
from studio.core.takes import Recipe
from studio.media.picture.schedulers import sampler_name, spacing_name

HASH_CHARS = 10


def parameters(recipe: Recipe) -> str:
    """Prompt, negative prompt and one line of fields."""
    job, made = recipe.drawing, recipe.made
    drawn = made.drawn if made else None
    scheduler = (drawn.scheduler if drawn else "") or job.scheduler
    fields: dict[str, Any] = {
        "Steps": job.steps,
        "Sampler": sampler_name(scheduler) if scheduler else "",
        "Schedule type": spacing_name(scheduler),
        "CFG scale": f"{job.guidance:g}",
        "Seed": take_seeds(job.seed, job.takes)[recipe.index],
        "Size": f"{job.width}x{job.height}",
        "Model hash": made.model_sha256[:HASH_CHARS] if made else "",
        "Model": _name(job.model).replace(",", "").replace(":", ""),
        "Denoising strength": f"{job.strength:g}" if job.mode != "text" else "",
        "Clip skip": job.clip_skip + 1 if job.clip_skip else "",
        "Tiling": True if job.tiling == "both" else "",
        "Variation seed": job.variation.seed if job.variation else "",
        "Variation seed strength": f"{job.variation.strength:g}" if job.variation else "",
        "Version": f"Atelier {__version__}",
    }
    tags = "".join(f" <lora:{_name(adapter.path)}:{adapter.weight:g}>" for adapter in job.adapters)
    lines = [job.prompt_of(recipe.index) + tags]
    if job.negative:
        lines.append(f"Negative prompt: {job.negative}")
    lines.append(", ".join(f"{key}: {_quoted(str(value))}" for key, value in fields.items() if value != ""))
    return "\n".join(lines)


def _name(path: str) -> str:
    """A file's or folder's name without its ending."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].removesuffix(".safetensors")


def _quoted(value: str) -> str:
    """Values with signs that part the fields are written as JSON."""
    return json.dumps(value, ensure_ascii=False) if any(sign in value for sign in ",\n:") else value
