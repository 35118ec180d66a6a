"""Pictures of the class, for prior preservation: of a folder, or drawn by the base model itself (arXiv 2208.12242)."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch

from studio.core.errors import StudioError
from studio.core.files import told
from studio.media.dataset.buckets import bucket_for
from studio.media.picture.files import check_picture, is_picture_name
from studio.worker.image.loading import ImageModel
from studio.worker.image.png import finished, pixels_of
from studio.worker.tune.picture_data import Example
from studio.worker.tune.run import Run

DRAWN: Final = "prior"  # in a run's data folder
_MOST: Final = 100


def prior_examples(
    run: Run, model: ImageModel, shapes: Sequence[tuple[int, int]], count: int
) -> list[Example]:
    """Pictures of the class beside `count` to learn from; none where neither folder nor caption says what it is.

    Raises StudioError when the folder named has no pictures, StoppedError.
    """
    settings = run.settings.image
    if not settings.prior_weight or not (settings.prior_folder or settings.prior_caption):
        return []
    folder = Path(settings.prior_folder) if settings.prior_folder else run.folder.data / DRAWN
    if not settings.prior_folder:
        _draw(run, model, folder, min(_MOST, count))
    found = [_example(path, settings.prior_caption, shapes) for path in _pictures(folder)]
    examples = [example for example in found if example is not None]
    if not examples:
        raise StudioError(
            f"{folder} holds no pictures of the class.",
            kept="Your folders are as they were.",
            do="Choose another folder for prior preservation, or name none.",
            code="no_data",
        )
    return examples


def _pictures(folder: Path) -> list[Path]:
    with told(f"look into {folder}"):
        return sorted(path for path in folder.iterdir() if path.is_file() and is_picture_name(path))


def _example(path: Path, caption: str, shapes: Sequence[tuple[int, int]]) -> Example | None:
    """None for a file that cannot be read as a picture."""
    try:
        data = path.read_bytes()
        head = check_picture(data, path.name)
    except (StudioError, OSError):
        return None
    return Example(
        file=path.name,
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        caption=caption,
        width=head.width,
        height=head.height,
        bucket=shapes[bucket_for(head.width, head.height, shapes)],
        prior=True,
    )


@torch.no_grad()
def _draw(run: Run, model: ImageModel, folder: Path, count: int) -> None:
    """Have the base draw its idea of the class; those drawn before a crash are kept."""
    with told("make the folder for pictures of the class"):
        folder.mkdir(parents=True, exist_ok=True)
    pipe, settings = model.pipe("text"), run.settings.image
    for at in range(count):
        file = folder / f"{at:04d}.png"
        if file.is_file():
            continue
        run.check()
        run.phase("caching", at / count, "Pictures of the class are drawn.")
        drawn = pipe(
            settings.prior_caption,
            width=settings.size,
            height=settings.size,
            num_inference_steps=model.card.steps or model.table.steps,
            guidance_scale=model.card.guidance or model.table.guidance,
            generator=torch.Generator("cpu").manual_seed((run.settings.seed + at) % 2**63),
            output_type="pt",
            return_dict=False,
        )[0]
        with told("keep pictures of the class"):
            staged = file.with_suffix(".part")
            staged.write_bytes(finished(pixels_of(drawn.float())[0]).png)
            staged.replace(file)
