"""From what was typed after `make image` to a job and the files it reads."""

import argparse
import secrets
from typing import Any, Final

import msgspec

from studio.app.places import Places
from studio.catalog.card import ModelCard
from studio.cli.console import UsageError
from studio.cli.image_files import Files, init_of, mask_of, outpainted
from studio.cli.image_options import adapters_of, margins_of, pair_of, size_of, variation_of
from studio.cli.wrong import words_of
from studio.core.errors import StudioError
from studio.core.ids import new_id
from studio.core.jobs import ImageJob
from studio.core.pictures import Box, Control, Reference
from studio.media.picture.asking import job_size
from studio.media.picture.prompting import expanded
from studio.media.picture.recall import Recalled, Towards
from studio.media.picture.settings import PictureSettings
from studio.media.picture.wildcards import Wildcards

SEED_BITS: Final = 32
_JOB_ONLY: Final = ("prompts", "batch", "rungs", "preview")
_ELSEWHERE: Final = ("adapters", "controls", "reference", "variation")
JSON: Final = {"prompts": '["a fox", "a hare"]', "rungs": '["vae_tiling"]'}
_OPTIONS: Final = ("negative", "seed", "takes", "steps", "guidance", "scheduler", "strength", "tiling")


def base_settings(card: ModelCard) -> PictureSettings:
    """The knobs as this model likes them."""
    values: dict[str, Any] = {}
    if all(card.size):
        values |= {"width": card.size[0], "height": card.size[1]}
    values |= {"steps": card.steps} if card.steps else {}
    values |= {"guidance": card.guidance} if card.guidance or card.steps else {}
    return PictureSettings(**values)


def image_job(
    options: argparse.Namespace, card: ModelCard, prompt: str, recalled: Recalled | None = None
) -> tuple[ImageJob, Files]:
    """The job that the options describe and its files. Raises UsageError naming what is wrong, StudioError."""
    files = Files()
    told, job_only = _told(options)
    settings = recalled.settings if recalled else base_settings(card)
    bound: dict[str, Any] = {"id": new_id(), "model": card.path, "prompt": prompt, **job_only}
    try:
        settings = msgspec.convert({**msgspec.to_builtins(settings), **told}, PictureSettings, strict=False)
        if adapters := adapters_of(options):
            settings = settings.changed(adapters=adapters)
        seed = settings.seed if settings.seed is not None else secrets.randbits(SEED_BITS)
        mask, begun = _begin(options, card, settings, files, sized={"width", "height"} <= set(told))
        bound |= begun | _guides(options, files)
        bound |= _variation(options, recalled, seed)
        if "prompts" not in bound:
            wildcards = Wildcards(Places.default().data / "wildcards")
            bound["prompts"] = expanded(prompt, seed, settings.takes, wildcards)
        job = _set_factor(options, settings).job(seed=seed, mask=mask, **bound)
        msgspec.json.encode(job)
    except msgspec.ValidationError as error:
        raise UsageError(f"The job is not right: {words_of(error)}.") from error
    except UnicodeEncodeError as error:  # bytes that the shell passed on and that are no text
        raise UsageError(f"What was typed is not UTF-8 text: {error.object[:40]!r}.") from error
    return job, files


def _told(options: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """Knobs, and fields of the job that are no knobs, as they were given; --set wins over the options."""
    knobs: dict[str, Any] = {
        name: value for name in _OPTIONS if (value := getattr(options, name, None)) is not None
    }
    if options.size:
        knobs["width"], knobs["height"] = size_of(options.size)
    job: dict[str, Any] = {}
    names = {field.name for field in msgspec.structs.fields(PictureSettings)} - set(_ELSEWHERE)
    for pair in options.set:
        key, equals, value = pair.partition("=")
        if not equals or key not in names | set(_JOB_ONLY):
            known = ", ".join(sorted(names | set(_JOB_ONLY)))
            raise UsageError(f"--set {pair} is not KEY=VALUE with one of these keys: {known}.")
        if key in names:
            knobs[key] = value
        else:
            kind = next(field.type for field in msgspec.structs.fields(ImageJob) if field.name == key)
            job[key] = msgspec.convert(_json(pair, value) if key in JSON else value, kind, strict=False)
    return knobs, job


def _json(pair: str, value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        example = JSON[pair.partition("=")[0]]
        raise UsageError(f"--set {pair}: the value is not JSON, like {example}.") from error


def _begin(
    options: argparse.Namespace, card: ModelCard, settings: PictureSettings, files: Files, *, sized: bool
) -> tuple[str, dict[str, Any]]:
    """The mask's name and the fields of what a job begins from: mode, init, and the size when none was told."""
    if options.init is None:
        for name in ("mask", "outpaint", "upscale", "strength"):
            if getattr(options, name) is not None:
                raise UsageError(f"--{name} needs a picture to begin from: --init FILE.")
        return "", {}
    if options.upscale is not None and (options.mask or options.outpaint):
        raise UsageError("--upscale goes with --init alone: enlarge first, then draw under a mask.")
    image = init_of(options.init)
    mask = mask_of(options.mask, image.size) if options.mask else None
    if options.outpaint:
        if mask is not None:
            raise UsageError("--outpaint and --mask are two steps: do one after the other.")
        image, mask = outpainted(image, margins_of(options.outpaint), max(8, card.grid_px))
    mode = "upscale" if options.upscale is not None else "inpaint" if mask is not None else "image"
    bound: dict[str, Any] = {"mode": mode, "init": files.put(image)}
    if not sized and mode != "upscale":
        frame = Box(x=0, y=0, width=image.width, height=image.height)
        native = card.size if all(card.size) else (settings.width, settings.height)
        bound["width"], bound["height"] = job_size(frame, native, card.grid_px)
    return files.put(mask) if mask is not None else "", bound


def _guides(options: argparse.Namespace, files: Files) -> dict[str, Any]:
    guides: dict[str, Any] = {}
    if options.control:
        pairs = [pair_of(text, "--control") for text in options.control]
        guides["controls"] = tuple(Control(model=m, picture=files.put(init_of(file))) for m, file in pairs)
    if options.reference:
        model, file = pair_of(options.reference, "--reference")
        guides["reference"] = Reference(model=model, picture=files.put(init_of(file)))
    return guides


def _variation(options: argparse.Namespace, recalled: Recalled | None, seed: int) -> dict[str, Any]:
    """Towards another seed's noise, from that of the first take of this seed."""
    towards = recalled.variation if recalled else None
    if options.variation:
        other, strength = variation_of(options.variation)
        towards = Towards(seed=other, strength=strength)
    elif towards is not None and recalled is not None and seed != recalled.settings.seed:
        towards = msgspec.structs.replace(towards, base_seed=None)
    return {} if towards is None else {"variation": towards.variation(seed)}


def _set_factor(options: argparse.Namespace, settings: PictureSettings) -> PictureSettings:
    changed: PictureSettings = (
        settings if options.upscale is None else settings.changed(factor=options.upscale)
    )
    return changed


def refuse_mode(card: ModelCard, job: ImageJob) -> None:
    """Raises StudioError when the model cannot do what the job asks."""
    why = card.modes.get(job.mode, "")
    if why:
        raise StudioError(why, do="Choose another model with --model.", code="mode")
