"""A picture model before and after: the test side and the base's own pictures weighed, samples looked through."""

import io
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from PIL import Image

from studio.catalog.card import ModelCard
from studio.core.errors import StudioError
from studio.core.files import write_whole
from studio.media.dataset.found import Document
from studio.media.dataset.likeness import Signature, near, nearest, signature
from studio.media.dataset.pictures import signature_of
from studio.worker.image.loading import ImageModel
from studio.worker.tune.after import OWN, Compared, Weighed, held_prompts, made_by
from studio.worker.tune.diffusers_files import load_inversion
from studio.worker.tune.inversion import word_of
from studio.worker.tune.methods_image import load_image_adapter
from studio.worker.tune.picture_data import Example, example_of
from studio.worker.tune.picture_quick import device_here
from studio.worker.tune.picture_setup import CACHE, examples_on, load_base, objective_of, shapes_of
from studio.worker.tune.picture_source import Source
from studio.worker.tune.picture_weigh import weigh
from studio.worker.tune.run import Run, Trained
from studio.worker.tune.samples import Made, Prompt

OWN_FOLDER: Final = "own"  # in a run's data folder: pictures that the base model drew
_MOST: Final = 64  # pictures of the test side that are weighed
_LEVELS: Final = 8
_HALVES: Final = (
    0.0,
    0.25,
    0.55,
    1.0,
)  # how far the whole is when each part begins: base, its pictures, tuned


def compare_pictures(run: Run, trained: Trained, card: ModelCard) -> Compared:
    """Both models weighed on the same pictures under the same noise. Raises StudioError, StoppedError."""

    def tick(part: int) -> Any:
        start, end = _HALVES[part], _HALVES[part + 1]
        return lambda done: run.phase(
            "evaluating", start + (end - start) * done, "Comparing with the base model"
        )

    prompts = held_prompts(run)
    base = load_base(run.settings, trained.precision, device_here(), run.check)
    test = _some(examples_on(run, base, "test"))
    tick(0)(0.0)
    before = _weighed(run, base, test)
    drawn = made_by(run, card, base, prompts, tick(0))
    own = _own(run, base, prompts[:OWN], drawn)
    own_before = _weighed(run, base, own)
    base.close()
    tuned, word = _tuned(run, trained)
    tick(2)(0.0)
    after = _weighed(run, tuned, _some(examples_on(run, tuned, "test", word)) if word else test)
    own_after = _weighed(run, tuned, own)
    asked = [Prompt(words=f"{word} {one.words}", seed=one.seed) for one in prompts] if word else prompts
    made = made_by(run, card, tuned, asked, tick(2))
    tuned.close()
    return Compared(
        test=Weighed(before=before, after=after, units=[1.0] * len(before)),
        own=Weighed(before=own_before, after=own_after, units=[1.0] * len(own_before)),
        prompts=prompts,
        before=drawn,
        after=made,
        longest=_like(run, made),
        limit=0,
    )


def _some(examples: Sequence[Example]) -> list[Example]:
    return sorted(sorted(examples, key=lambda one: one.sha256)[:_MOST], key=lambda one: one.file)


def _weighed(run: Run, model: ImageModel, examples: Sequence[Example]) -> list[float]:
    if not examples:
        return []
    source = Source(model, run.settings.image, run.folder.data / CACHE, reads_live=True)
    found = weigh(model, objective_of(model, run.settings), source, examples, levels=_LEVELS, check=run.check)
    return [found[example.file] for example in examples]


def _tuned(run: Run, trained: Trained) -> tuple[ImageModel, str]:
    """The model as it will be used, and the word it learnt."""
    model = load_base(run.settings, trained.precision, device_here(), run.check)
    if run.settings.method == "textual_inversion":
        word = word_of(run.settings)
        load_inversion(model.any_pipe(), trained.adapter, word)
        return model, word
    load_image_adapter(model, trained.adapter)
    return model, ""


def _own(run: Run, model: ImageModel, prompts: Sequence[Prompt], drawn: Sequence[Made]) -> list[Example]:
    """Pictures that the base drew, as a folder of their own to be weighed."""
    folder = run.folder.data / OWN_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for index, (prompt, made) in enumerate(zip(prompts, drawn, strict=False)):
        file = folder / f"{index}.png"
        write_whole(file, made.data)
        with Image.open(io.BytesIO(made.data)) as picture:
            width, height = picture.size
        document = Document(
            file=f"{OWN_FOLDER}/{file.name}",
            side="test",
            sha256=sha256(made.data).hexdigest(),
            units=width * height,
            caption=prompt.words,
            width=width,
            height=height,
        )
        found.append(example_of(document, file, shapes_of(model, run.settings.image)))
    return found


def _like(run: Run, made: Sequence[Made]) -> list[int]:
    """1 for each sample that looks like a picture that was trained on, else 0."""
    known: list[Signature] = []
    for document in run.survey.on("train"):
        with suppress(StudioError):
            known.append(signature_of(Path(run.survey.folder) / document.file))
    found = []
    for one in made:
        with Image.open(io.BytesIO(one.data)) as picture:
            drawn = signature(picture)
        closest, _ = nearest(drawn, known)
        found.append(int(closest >= 0 and near(drawn, known[closest])))
    return found
