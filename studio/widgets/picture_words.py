"""A picture take in words: how it stands, and its recipe as rows a person can read."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Final

from msgspec import Struct

from studio.core.pictures import ImageJob
from studio.core.takes import Made, Take

REJECT_REASONS: Final = (
    "Not what I asked for",
    "Shapes are wrong",
    "Composition",
    "Colours",
    "Style",
    "Blurred or broken",
)
RECALLS: Final = (
    ("all", "Everything", "Set all knobs as they were for this picture"),
    ("prompt", "Prompt only", "Set the prompt and the negative prompt"),
    ("seed", "Seed only", "Set the seed"),
    ("size", "Size only", "Set width and height"),
)
_MODES: Final = {
    "text": "from words",
    "image": "from a picture",
    "inpaint": "inside a mask",
    "upscale": "enlarged",
}
_RUNGS: Final = {
    "smaller_batch": "fewer drawn together",
    "vae_tiling": "decoded in tiles",
    "model_offload": "parts of the model moved out of the way",
    "group_offload": "the model moved through piece by piece",
}


class RecipeRow(Struct, frozen=True, kw_only=True):
    """One line of a recipe; `copy` is what its button puts on the clipboard ("": the text as shown)."""

    name: str
    text: str
    copy: str = ""
    long: bool = False


def size_text(take: Take) -> str:
    """How large the picture is or will be: "512 × 512"; "" for a take of another art."""
    if take.picture is not None:
        return f"{take.picture.width} × {take.picture.height}"
    job = take.recipe.job
    return f"{job.width} × {job.height}" if isinstance(job, ImageJob) else ""


def doing_text(step: int, steps: int) -> str:
    """What a growing picture is at."""
    if not step:
        return "getting ready…"
    return f"drawing, step {step} of {steps}" if step < steps else "finishing…"


def recipe_rows(take: Take, names: Mapping[str, str] | None = None) -> tuple[RecipeRow, ...]:
    """The recipe of a picture, the most telling first; `names` gives models and adapters by path better names."""
    job = take.recipe.job
    if not isinstance(job, ImageJob):
        return ()
    called = names or {}
    return (
        *_asked(job, take, called),
        *_knobs(job),
        *_extras(job, called),
        *_computed(take.recipe.made, take),
    )


def recipe_text(take: Take, names: Mapping[str, str] | None = None) -> str:
    """The whole recipe as lines, for the clipboard."""
    return "\n".join(f"{row.name}: {row.copy or row.text}" for row in recipe_rows(take, names))


def name_of(path: str, names: Mapping[str, str]) -> str:
    """What a model or adapter is called: as told, else its file's name."""
    return names.get(path) or PurePath(path).stem or path


def _asked(job: ImageJob, take: Take, names: Mapping[str, str]) -> Iterator[RecipeRow]:
    read = job.prompt_of(take.recipe.index)
    yield RecipeRow(name="Prompt", text=read, long=True)
    if read != job.prompt:
        yield RecipeRow(name="Written as", text=job.prompt, long=True)
    if job.negative:
        yield RecipeRow(name="Without", text=job.negative, long=True)
    yield RecipeRow(name="Seed", text=str(take.seed))
    yield RecipeRow(name="Size", text=size_text(take))
    yield RecipeRow(name="Model", text=name_of(job.model, names), copy=job.model)
    for adapter in job.adapters:
        text = f"{name_of(adapter.path, names)} × {adapter.weight:g}"
        yield RecipeRow(name="Adapter", text=text, copy=adapter.path)


def _knobs(job: ImageJob) -> Iterator[RecipeRow]:
    yield RecipeRow(name="Made", text=_MODES[job.mode])
    if job.mode in ("image", "inpaint") or (job.upscale and job.upscale.scaler == "model"):
        yield RecipeRow(name="Strength", text=f"{job.strength:g}")
    if job.inpaint:
        mask = job.inpaint
        text = f"feather {mask.feather_px} px, fill {mask.fill}"
        if mask.area == "masked":
            text += f", only masked with {mask.padding_px} px around"
        yield RecipeRow(name="Mask", text=text)
    if job.upscale:
        yield RecipeRow(name="Enlarged", text=f"{job.upscale.factor:g} times, {job.upscale.scaler}")
    yield RecipeRow(name="Steps", text=str(job.steps))
    yield RecipeRow(name="Guidance", text=f"{job.guidance:g}")
    if job.clip_skip:
        yield RecipeRow(name="Clip skip", text=str(job.clip_skip))
    if job.tiling != "none":
        sides = {"x": "left and right", "y": "top and bottom", "both": "all sides"}[job.tiling]
        yield RecipeRow(name="Seamless", text=sides)


def _extras(job: ImageJob, names: Mapping[str, str]) -> Iterator[RecipeRow]:
    if job.variation:
        text = f"{job.variation.strength:g} from seed {job.variation.base_seed}"
        yield RecipeRow(name="Variation", text=text, copy=str(job.variation.base_seed))
    for control in job.controls:
        text = f"{name_of(control.model, names)} × {control.weight:g}"
        if (control.begin, control.end) != (0.0, 1.0):
            text += f", {control.begin:.0%} to {control.end:.0%} of the steps"
        yield RecipeRow(name="Control", text=text, copy=control.model)
    if job.reference:
        text = f"{name_of(job.reference.model, names)} × {job.reference.weight:g}"
        yield RecipeRow(name="Reference", text=text, copy=job.reference.model)
    if job.lock:
        yield RecipeRow(name="Locked", text="some of the picture was not to change")


def _computed(made: Made | None, take: Take) -> Iterator[RecipeRow]:
    drawn = made.drawn if made else None
    if drawn:
        yield RecipeRow(name="Scheduler", text=drawn.scheduler)
        if drawn.rungs:
            yield RecipeRow(name="Memory was short", text=", ".join(_RUNGS[rung] for rung in drawn.rungs))
    elif isinstance(take.recipe.job, ImageJob) and take.recipe.job.scheduler:
        yield RecipeRow(name="Scheduler", text=take.recipe.job.scheduler)
    if made:
        threads = f", {made.threads} threads" if made.device == "cpu" else ""
        yield RecipeRow(name="Computed on", text=f"{made.device}, {made.dtype}{threads}")
        yield RecipeRow(name="Model's hash", text=made.model_sha256[:12], copy=made.model_sha256)
    if take.seconds:
        yield RecipeRow(name="Took", text=f"{take.seconds:.1f} s")
