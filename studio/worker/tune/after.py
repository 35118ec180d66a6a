"""After a run: its test side and the base model's own ways weighed before and after, samples looked through, a card."""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Struct

from studio import __version__
from studio.catalog.card import ModelCard
from studio.catalog.inspect import inspect_model
from studio.core.errors import StoppedError, StudioError
from studio.core.files import write_whole
from studio.core.tune_events import Finished, Interval
from studio.core.tune_rates import rate_of
from studio.media.learned.card import Beside, CardFacts, card_text
from studio.media.learned.copied import FLAG_NOTES, FLAG_WORDS
from studio.media.learned.diagnosis import Course, diagnose
from studio.media.learned.intervals import gain_interval, ratio_interval
from studio.worker.tune.run import Run, Trained
from studio.worker.tune.samples import Made, Prompt, maker, prompts_for

CARD: Final = "README.md"
REPORT: Final = "report.json"
BESIDE: Final = "samples"
SAMPLES: Final = 8
OWN: Final = 6  # things the base model makes by itself, to see whether it still would
_LIBRARIES: Final = ("torch", "transformers", "peft", "diffusers", "accelerate")
_DOUBLES: Final = ("duplicate", "near_duplicate")


class Weighed(Struct, frozen=True, kw_only=True):
    """Losses of documents before and after, each with what it is divided by."""

    before: Sequence[float] = ()
    after: Sequence[float] = ()
    units: Sequence[float] = ()

    def intervals(self) -> dict[str, Interval]:
        """ "before", "after" and "gain"; nothing without documents."""
        if not self.units:
            return {}
        return {
            "before": ratio_interval(self.before, self.units),
            "after": ratio_interval(self.after, self.units),
            "gain": gain_interval(self.before, self.after),
        }


class Compared(Struct, frozen=True, kw_only=True):
    """What an art's scales found: losses of the test side and of the base model's own things, samples of both."""

    test: Weighed = Weighed()
    own: Weighed = Weighed()
    prompts: Sequence[Prompt] = ()
    before: Sequence[Made] = ()
    after: Sequence[Made] = ()
    longest: Sequence[
        int
    ] = ()  # of each sample after: words or notes it shares with the folder, or 1: looks like one
    limit: int = 0  # a longer one is copied


def after(run: Run, trained: Trained) -> Finished:
    """Weigh and look through what was trained; the card and the report are written into `trained.adapter`.

    `Finished.adapter` is empty: publishing fills it in. Raises StoppedError when the person cancelled, OSError.
    """
    run.phase("evaluating", 0.0, "Comparing with the base model")
    card = inspect_model(run.settings.base)
    found = _compared(run, trained, card)
    _write_samples(trained.adapter, found)
    copied = sum(longest > found.limit for longest in found.longest)
    diagnosis = diagnose(_course(run, trained, copied, len(found.longest)))
    test, own = found.test.intervals(), found.own.intervals()
    longest = max(found.longest, default=0)
    facts = CardFacts(
        settings=run.settings,
        survey=run.survey,
        base_title=card.title,
        step=trained.step,
        best_step=trained.best_step,
        trainable=trained.trainable,
        parameters=trained.parameters,
        units_seen=trained.units,
        seconds=trained.seconds,
        precision=trained.precision,
        test=test,
        documents=len(found.test.units),
        forgetting=own,
        memorised=copied,
        longest=longest,
        samples=len(found.longest),
        diagnosis=diagnosis,
        versions=_versions(),
        beside=_beside(run, found),
    )
    write_whole(trained.adapter / CARD, card_text(facts).encode())
    finished = Finished(
        step=trained.step,
        steps=trained.steps,
        adapter="",
        card=CARD,
        stopped=trained.stopped,
        test=test,
        documents=len(found.test.units),
        forgetting=own,
        memorised=copied,
        longest=longest,
        diagnosis=diagnosis,
        seconds=trained.seconds,
    )
    report = {**msgspec.to_builtins(finished), "losses": trained.losses, "best_step": trained.best_step}
    write_whole(trained.adapter / REPORT, json.dumps(_finite(report), indent=1).encode())
    return finished


def _compared(run: Run, trained: Trained, card: ModelCard) -> Compared:
    """By the scales of the run's art; what cannot be measured is told and left out, the result stays."""
    try:
        if run.settings.art == "image":
            from studio.worker.tune.after_pictures import compare_pictures

            return compare_pictures(run, trained, card)
        from studio.worker.tune.after_words import compare_words

        return compare_words(run, trained, card)
    except StoppedError:
        raise
    except StudioError as error:
        run.note(f"The result could not be compared with the base model: {error.what}", error.do, "report")
        return Compared()


def made_by(
    run: Run, card: ModelCard, model: Any, prompts: Sequence[Prompt], tick: Callable[[float], None]
) -> list[Made]:
    """A sample of each prompt."""
    make, made = maker(card), []
    for index, prompt in enumerate(prompts):
        run.check()
        tick(index / len(prompts))
        made.append(make(model, prompt))
    return made


def held_prompts(run: Run) -> list[Prompt]:
    """Openings of the test side, else of the validation side."""
    return prompts_for(run, SAMPLES, ("test", "validation", "train"))


def _course(run: Run, trained: Trained, copied: int, samples: int) -> Course:
    settings, train = run.settings, run.survey.on("train")
    return Course(
        art=settings.art,
        losses=trained.losses,
        why=trained.why,
        rate=settings.optimizer.rate,
        usual_rate=rate_of(settings.method, trained.parameters),
        epochs=trained.step * settings.optimizer.batch / max(1, len(train)),
        documents=len(train),
        units=run.survey.units("train"),
        doubles=sum(problem.finding in _DOUBLES for problem in run.survey.problems),
        memorised=copied,
        samples=samples,
    )


def _write_samples(adapter: Path, found: Compared) -> None:
    folder = adapter / BESIDE
    for side, made in (("before", found.before), ("after", found.after)):
        for index, one in enumerate(made):
            folder.mkdir(exist_ok=True)
            write_whole(folder / f"{index}-{side}{one.ending}", one.data)


def _beside(run: Run, found: Compared) -> list[Beside]:
    shown = []
    for index, (prompt, before, after) in enumerate(
        zip(found.prompts, found.before, found.after, strict=False)
    ):
        if run.settings.art == "text":
            shown.append(Beside(prompt=prompt.words, before=before.text, after=after.text))
        else:
            names = [
                f"`{BESIDE}/{index}-{side}{one.ending}`"
                for side, one in (("before", before), ("after", after))
            ]
            shown.append(Beside(prompt=prompt.words, before=names[0], after=names[1]))
    return shown


def limit_of(art: str) -> int:
    """How many words or notes in a row may stand in the folder too."""
    return FLAG_NOTES if art == "music" else FLAG_WORDS


def _versions() -> Mapping[str, str]:
    return {
        "Atelier": __version__,
        "Python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def _finite(value: Any) -> Any:
    """The same with null for what JSON has no number for."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
