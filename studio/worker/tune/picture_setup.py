"""What an image training begins with: the model, the method laid over it, the pictures of each side, the noise."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from msgspec.structs import replace
from torch import nn
from tqdm import tqdm

from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.tuning import WHOLE, ImageSettings, TuneSettings
from studio.media.dataset.captions import spoken
from studio.media.dataset.found import Side
from studio.media.dataset.prepare import check as checked_path
from studio.worker.image.loading import ImageModel, load_image
from studio.worker.precision import LARGE
from studio.worker.tune.inversion import install, word_of
from studio.worker.tune.methods_image import apply_image, load_image_for_training
from studio.worker.tune.picture_data import Example, example_of, shapes_for, variants
from studio.worker.tune.picture_loss import Objective
from studio.worker.tune.picture_prior import prior_examples
from studio.worker.tune.picture_quick import Aside, device_here, lay_out, settled_precision
from studio.worker.tune.picture_source import Source
from studio.worker.tune.run import Run

CACHE: Final = "encoded"  # in a run's data folder
_DTYPES: Final = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass
class Subject:
    """A model about to learn, and what from. `tuned`: what learns, by component."""

    model: ImageModel
    tuned: dict[str, nn.Module]
    objective: Objective
    source: Source
    train: list[Example]
    prior: list[Example]
    validation: list[Example]
    precision: str
    aside: Aside


def load_base(settings: TuneSettings, precision: str, device: str, check: Callable[[], None]) -> ImageModel:
    """The base model, in the number type its weights are kept in while training. Raises StudioError.

    Whole models learn in float32; beneath an adapter a large model rests in the coarse type it is computed in.
    """
    tqdm.monitor_interval = 0  # a thread for bars that nobody sees
    card = inspect_model(Path(settings.base))
    if card.kind != "image":
        raise StudioError(f"{card.title} draws no pictures.", do="Choose a picture model.", code="wrong_kind")
    coarse = device != "cpu" or card.parameters >= LARGE
    dtype = _DTYPES[precision] if coarse and settings.method not in WHOLE else torch.float32
    model = load_image(card, device, dtype, lambda _done: check())
    if dtype == torch.float16:
        model.vae.to(torch.float32)  # SDXL's overflows in half precision
    lay_out(model)
    return model


def subject_of(run: Run) -> Subject:
    """Load the base, lay the method over it, gather the pictures. Raises StudioError, StoppedError."""
    settings = run.settings
    run.phase("loading")
    device = device_here()
    precision = settled_precision(
        settings.optimizer.precision, device, inspect_model(Path(settings.base)).parameters
    )
    torch.manual_seed(settings.seed % 2**63)  # adapters begin at chance
    model = load_base(settings, precision, device, run.check)
    tuned, word = _method_over(model, run)
    objective = objective_of(model, settings)
    reads_live = any(name.startswith("text_encoder") for name in tuned)
    source = Source(model, settings.image, run.folder.data / CACHE, reads_live=reads_live)
    train = examples_on(run, model, "train", word)
    if not train:
        raise StudioError(
            "No picture is left to train on.",
            kept="Your folder is as it was.",
            do="Choose a folder with more pictures, or look at what was left out and why.",
            code="no_data",
        )
    prior = prior_examples(run, model, shapes_of(model, settings.image), len(train))
    validation = examples_on(run, model, "validation", word)
    subject = Subject(model, tuned, objective, source, train, prior, validation, precision, Aside(model, ()))
    _prepare(run, subject)
    subject.aside = Aside(model, _encoders(model, vae=source.keeps, text=not reads_live))
    return subject


def objective_of(model: ImageModel, settings: TuneSettings) -> Objective:
    """The noise of this model."""
    return Objective(model.scheduler, flow=model.table.flow, min_snr=settings.image.min_snr)


def shapes_of(model: ImageModel, settings: ImageSettings) -> tuple[tuple[int, int], ...]:
    """The shapes in pixels that pictures are cut to for this model."""
    halvings = (
        0 if model.table.flow else len(model.core.config.block_out_channels) - 1
    )  # sides stay whole in a UNet
    return shapes_for(settings, model.table.grid_px * 2**halvings)


def examples_on(run: Run, model: ImageModel, side: Side, word: str = "") -> list[Example]:
    """The pictures of a side. One that has changed since the folder was looked through is left out, and told."""
    shapes = shapes_of(model, run.settings.image)
    said = replace(run.settings.image, trigger=word)
    found = []
    for document in run.survey.on(side):
        run.check()
        try:
            path = checked_path(run.survey, document)
        except StudioError as error:
            run.note(error.what, error.do, error.code)
            continue
        caption = spoken(document.caption, said) if word else document.caption
        found.append(example_of(replace(document, caption=caption), path, shapes))
    return found


def _method_over(model: ImageModel, run: Run) -> tuple[dict[str, nn.Module], str]:
    """What learns, and the word that is learnt ("" where it is none)."""
    settings = run.settings
    if settings.method == "textual_inversion":
        captions = [document.caption for document in run.survey.on("train")]
        return dict(install(model, settings, captions)), word_of(settings)
    if settings.from_adapter:
        adapter = Path(settings.from_adapter)
        return load_image_for_training(model, adapter, settings, steps=settings.steps), ""
    return apply_image(model, settings, steps=settings.steps), ""


def _encoders(model: ImageModel, *, vae: bool, text: bool) -> tuple[str, ...]:
    """The parts that no step needs."""
    texts = [
        name for name in model.parts if name.startswith("text_encoder") and model.parts[name] is not None
    ]
    return (*(("vae",) if vae else ()), *(texts if text else ()))


def _prepare(run: Run, subject: Subject) -> None:
    """Encode all pictures and captions that steps will want."""

    def tick(done: float, words: str) -> None:
        run.check()
        run.phase("caching", done, words)

    ways = variants(run.settings.image)
    examples = [*subject.train, *subject.prior]
    shown = (
        [(example, at) for example in examples for at in range(min(ways, 1000))]
        if subject.source.keeps
        else []
    )
    shown += [(example, 0) for example in subject.validation]
    captions = ["", *(example.caption for example in [*examples, *subject.validation])]
    subject.source.prepare(shown, captions, tick)
