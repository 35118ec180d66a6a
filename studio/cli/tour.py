"""`atelier tour DIR`: the main job, from an opening line to an illustrated story with a theme, without a window."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.catalog.inspect import inspect_model
from studio.cli.console import PARTLY, Report, UsageError
from studio.cli.jobs import text_job
from studio.cli.make import model_row
from studio.cli.runner import Runner, checked_model, device_of, runner
from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.takes import Take
from studio.project.export import export_text

OPENING = "Once upon a time, a little fox found a small red door in the hill."
EDIT = " It was very quiet."
TOKENS = 60
TOUR_SEED = 7


class Tour:
    """The steps; each leaves a line in `acts`."""

    def __init__(self, engine: Runner, options: argparse.Namespace, model: str, say: Callable[[str], None]):
        self.acts: list[dict[str, Any]] = []
        self.takes: list[Take] = []
        self._engine, self._options, self._model, self._say = engine, options, model, say
        session = engine.session
        self.story = session.add_work("story", "The little red door", "")
        self.work = session.add_work("scene", "Scene 1", self.story)
        self._history = session.history(self.work)

    def walk(self) -> None:
        """Opening line, three takes, accept one, edit it, go on, regenerate, accept."""
        self._type(0, OPENING, "open")
        first = self._propose("propose", seed_step=0)
        self._accept(first[0])
        self._type(len(self._history.text.text), EDIT, "edit")
        going_on = self._propose("continue", seed_step=1)
        again = self._propose("regenerate", seed_step=2)
        self._reject(going_on[0])
        self._accept(again[min(1, len(again) - 1)])

    @property
    def text(self) -> str:
        """The story as it stands."""
        return self._history.text.text

    def _type(self, at: int, words: str, act: str) -> None:
        edit = self._history.text.edit(at, 0, words)
        self._engine.session.revise(self.work, edit, "typed").result()
        self.note(act, "", words)

    def _propose(self, act: str, seed_step: int) -> list[Take]:
        text = self._history.text.text
        job = text_job(
            self._options,
            self._model,
            text,
            work=self.work,
            parent=self._history.head,
            at=len(text),
            tokens=TOKENS,
        )
        takes = self._engine.run(job.changed(seed=(job.seed + seed_step) % 2**63))
        if not takes or any(take.status != "done" for take in takes):
            raise StudioError(
                "The model did not finish its takes.", kept="The tour's project holds what there is."
            )
        self.takes += takes
        for take in takes:
            self.note(act, take.id, take.text)
        return takes

    def _accept(self, take: Take) -> None:
        at = take.recipe.writing.at
        edit = self._history.text.edit(at, 0, take.text, self._engine.session.reader.take_draft(take.id).runs)
        self._engine.session.accept(self.work, take.id, edit).result()
        self.note("accept", take.id, take.text)

    def _reject(self, take: Take) -> None:
        self._engine.session.write(lambda store: store.reject(take.id, "the other one is better")).result()
        self.note("reject", take.id, "")

    def note(self, act: str, take_id: str, words: str) -> None:
        """Tell of an act."""
        self.acts.append({"act": act, "take": take_id or None, "ok": True})
        self._say(f"{act:>10}  {words.strip()}")


def _illustrate(engine: Runner, tour: Tour, options: argparse.Namespace) -> Path:
    """Have the starter picture model draw what the story is about; the picture's file."""
    from studio.cli.tour_picture import illustrate  # the picture modules only where there is a model

    card = inspect_model(starter_model("picture"))
    file = Path(options.dir, "picture.png")
    illustrate(engine, card, file, seed=options.seed, takes=options.takes, note=tour.note)
    return file


def _compose(engine: Runner, tour: Tour, options: argparse.Namespace) -> dict[str, str]:
    """Have the starter music model give the story a theme; its files, as notes and as sound."""
    from studio.cli.tour_music import compose  # and those of music

    card = inspect_model(starter_model("sketch"))
    files = compose(engine, card, options.dir, seed=options.seed, takes=options.takes, note=tour.note)
    return {kind: str(file) for kind, file in files.items()}


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Walk and export; refuses a folder that was toured before."""
    if options.takes is None:
        options.takes = 3
    if options.seed is None:
        options.seed = TOUR_SEED
    project, story = options.dir / "Tour.atelier", options.dir / "story.md"
    if project.exists():
        raise UsageError(f"{project} exists already; it was left as it is. Name another folder.")
    model = checked_model(options.model, starter_model("story"))
    try:
        options.dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            f"{options.dir} can't be made: {error.strerror}.", do="Name another folder."
        ) from error
    with runner(project, "Tour") as engine:
        tour = Tour(engine, options, model, say)
        tour.walk()
        works = [work for work in engine.session.reader.works() if work.id in (tour.story, tour.work)]
        files = {"story": str(story)}
        if starter_model("picture").is_dir():
            files["picture"] = str(_illustrate(engine, tour, options))
        if starter_model("sketch").is_dir():
            files |= _compose(engine, tour, options)
        export_text(works, {tour.work: tour.text}, story, "md")
        tour.acts.append(
            {"act": "export", "take": None, "ok": all(Path(file).is_file() for file in files.values())}
        )
    say("\n" + "\n".join(files.values()))
    body = {
        "project": str(project),
        "files": files,
        "model": model_row(tour.takes, model, []),
        "acts": tour.acts,
    }
    whole = all(act["ok"] for act in tour.acts)
    return Report(body=body, status=0 if whole else PARTLY, device=device_of(tour.takes))
