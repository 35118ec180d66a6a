"""`atelier make image`: takes from words, from a picture, under a mask, enlarged, or as another picture was made."""

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from studio.app.places import Places
from studio.catalog.card import ModelCard
from studio.catalog.catalog import Catalog
from studio.catalog.inspect import inspect_model
from studio.cli.console import FAILED, OK, PARTLY, Report, UsageError
from studio.cli.image_files import Files
from studio.cli.image_job import base_settings, image_job, refuse_mode
from studio.cli.make import make_folder, model_row, read_stdin
from studio.cli.runner import Runner, checked_model, device_of, runner
from studio.core.errors import StudioError
from studio.core.files import told, write_whole
from studio.core.ids import new_id
from studio.core.jobs import ImageJob, units_of
from studio.core.resources import starter_model, starter_models
from studio.core.takes import Recipe, Take
from studio.media.picture.again import again
from studio.media.picture.files import open_picture
from studio.media.picture.found import FoundRecipe
from studio.media.picture.recall import Known, recall
from studio.media.picture.recipes import png_with_recipe, read_recipe
from studio.project.reader import Reader

_CHANGES = (
    *("prompt", "negative", "init", "mask", "outpaint", "upscale", "strength", "size", "steps", "guidance"),
    *("scheduler", "variation", "tiling", "seed", "takes", "lora", "adapter", "set", "control", "reference"),
)


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Make the takes and report them."""
    if options.out is None and options.project is None:
        raise UsageError("Say where the pictures go: --out DIR, --project DIR or both.")
    found = _found(options.recipe) if options.recipe else None
    if options.out is not None:
        make_folder(options.out)
    plan = _plan(options, found)
    refuse_mode(plan.card, plan.job)
    with runner(options.project) as engine:
        takes = _run(engine, plan)
        rows = [_row(take, engine.session.reader, options.out) for take in takes if plan.wants(take)]
        same = _is_same(options.recipe, found, takes, engine.session.reader) if plan.exact else None
    for row in rows:
        say(f"take {row['index'] + 1} (seed {row['seed']}): {row.get('file', row['status'])}")
    body: dict[str, Any] = {
        "model": model_row(takes, plan.card.path, options.lora + options.adapter),
        "takes": rows,
    }
    if found is not None:
        body["recalled"] = {"source": found.source, "exact": plan.exact, "same": same, "missing": plan.notes}
    done = [take for take in takes if take.status == "done"]
    status = OK if len(done) == plan.job.takes else PARTLY if takes else FAILED
    return Report(body=body, status=status, device=device_of(takes))


class _Plan(msgspec.Struct, kw_only=True):
    """What is to be drawn; `only` is the take of an exact recall, -1 for all."""

    card: ModelCard
    job: ImageJob
    files: Files
    exact: bool = False
    only: int = -1
    notes: tuple[str, ...] = ()

    def wants(self, take: Take) -> bool:
        """Whether this take is to be told of."""
        return self.only in (-1, take.index)


def _plan(options: argparse.Namespace, found: FoundRecipe | None) -> _Plan:
    if found is None:
        card = _card(options.model)
        if options.prompt is None:
            raise UsageError("make image needs --prompt TEXT (or --recipe FILE).")
        job, files = image_job(options, card, _prompt(options))
        return _Plan(card=card, job=job, files=files)
    catalog = Catalog(Places.default().models_file, starter_models())
    cards = catalog.models()
    if found.recipe is not None and not _changed(options):
        return _exact(options, found, found.recipe, cards)
    known = {kind: [_known(card) for card in cards if card.kind == kind] for kind in ("image", "adapter")}
    base = base_settings(_card(options.model))
    recalled = recall(base, found, "all", known["image"], known["adapter"])
    card = _card(options.model or (Path(recalled.model) if recalled.model else None))
    prompt = _prompt(options) if options.prompt is not None else recalled.prompt or ""
    job, files = image_job(options, card, prompt, recalled)
    return _Plan(card=card, job=job, files=files, notes=recalled.notes)


def _exact(options: argparse.Namespace, found: FoundRecipe, recipe: Recipe, cards: list[ModelCard]) -> _Plan:
    """The recipe once more. What it began from must be in --project."""
    recalled = recall(
        base_settings(cards[0]), found, "all", [_known(card) for card in cards if card.kind == "image"]
    )
    path = options.model or Path(recalled.model or recipe.drawing.model)
    job = again(recipe, id=new_id(), work="", parent="", from_take="", model=_card(path).path)
    files = Files()
    if job.files:
        files.assets = _assets(options.project, job)
    notes = tuple(note for note in found.missing if "take" not in note)
    return _Plan(card=_card(path), job=job, files=files, exact=True, only=recipe.index, notes=notes)


def _assets(project: Path | None, job: ImageJob) -> dict[str, bytes]:
    """The pictures a recipe names, from the project they are in."""
    if project is not None and not project.is_dir():
        raise StudioError(
            f"There is no project at {project}, so the picture that this one began from cannot be read.",
            do="Name the project that it was made in: --project DIR. Or begin from a picture with --init.",
            code="asset",
        )
    if project is None:
        raise StudioError(
            "That picture began from another one, which is not in its file.",
            do="Name the project that it was made in: --project DIR. Or begin from a picture with --init.",
            code="asset",
        )
    with Reader(project) as reader:
        return {name: reader.asset(name) for name in job.files}


def _run(engine: Runner, plan: _Plan) -> list[Take]:
    session = engine.session
    session.write(lambda store: store.put_assets(plan.files.assets)).result()
    work = session.add_work("picture", "From the command line", "")
    return engine.run(plan.job.changed(work=work, parent=session.history(work).head))


def _row(take: Take, reader: Reader, out: Path | None) -> dict[str, Any]:
    """A take as the envelope shows it; with `out` its PNG goes to a file there."""
    row: dict[str, Any] = {"id": take.id, "index": take.index, "seed": take.seed, "status": take.status}
    picture = take.picture
    if picture is not None:
        png = reader.asset(picture.asset)
        row |= {"width": picture.width, "height": picture.height, "sha256": picture.asset.partition(".")[0]}
        if out is not None:
            file = out / f"take-{take.index + 1}.png"
            data = png_with_recipe(png, without_ids(take.recipe), whole=not picture.preview)
            with told(f"write {file}"):
                write_whole(file, data)
            row |= {"file": str(file), "sha256": hashlib.sha256(data).hexdigest()}
    return row | {
        "seconds": round(take.seconds, 3),
        "units": units_of(take.recipe.job) if take.status == "done" else 0,
        "recipe": msgspec.to_builtins(take.recipe),
    }


def without_ids(recipe: Recipe) -> Recipe:
    """A recipe as it leaves its project: the same call writes the same file. `made` tells the batches and rungs."""
    bare = recipe.drawing.changed(id="", work="", parent="", from_take="", batch=0, rungs=())
    return msgspec.structs.replace(recipe, job=bare)


def _is_same(file: Path, found: FoundRecipe | None, takes: list[Take], reader: Reader) -> bool | None:
    """Whether the take shows the very pixels of the file; None when the file does not show the take's."""
    if found is None or found.recipe is None or not found.whole:
        return None
    index = found.recipe.index
    picture = next((take.picture for take in takes if take.index == index), None)
    if picture is None:
        return False
    return open_picture(file).tobytes() == open_picture(reader.asset(picture.asset)).tobytes()


def _found(file: Path) -> FoundRecipe:
    with told(f"read {file}"):
        data = file.read_bytes()
    found = read_recipe(data, file.name)
    if found is None:
        raise StudioError(
            f"{file.name} does not say how it was made.", do="Choose another picture.", code="no_recipe"
        )
    return found


def _changed(options: argparse.Namespace) -> bool:
    """Whether anything was asked that is not as in the recipe."""
    return any(getattr(options, name) not in (None, []) for name in _CHANGES)


def _card(path: Path | None) -> ModelCard:
    return inspect_model(checked_model(path, starter_model("picture"), "image"))


def _known(card: ModelCard) -> Known:
    return Known(path=card.path, title=card.title, family=card.family, schedulers=card.schedulers)


def _prompt(options: argparse.Namespace) -> str:
    return read_stdin() if options.prompt == "-" else str(options.prompt)
