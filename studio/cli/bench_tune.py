"""The figures of `atelier bench tune`: how fast is trained, what is learnt, and how the window is meanwhile."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, update_wrapper
from pathlib import Path
from typing import Any, Final, NamedTuple

from studio.cli.figures import Figure, median_of, probe, run
from studio.cli.tune_corpus import lay_out, lay_out_stories
from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.tune_events import Broke, Finished, Interval
from studio.core.tune_run import RunFolder
from studio.core.tuning import Art, RunSettings, TuneSettings

Measure = Callable[[bool], dict[str, Figure]]
NO_CORPUS: Final = "no corpus was given: --corpus DIR"
_BASES: Final[dict[Art, str]] = {"text": "story", "music": "sketch", "image": "picture"}
_LOWER: Final[dict[Art, float]] = {"text": 0.05, "music": 0.05, "image": 1e-6}  # share of the loss
_STEPS: Final = 200
_STORIES: Final = 300
_PICTURES: Final = 400
_RUN_TIMEOUT_S: Final = 4 * 3600.0
_MEASURE_TIMEOUT_S: Final = 3600.0


class Wish(NamedTuple):
    """What the command line names; "" where it names nothing."""

    corpus: str

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Wish":
        """The corpus that was typed, when it is a folder."""
        corpus = options.corpus
        return cls(str(corpus) if corpus is not None and corpus.is_dir() else "")


def measures(options: argparse.Namespace) -> tuple[Measure, ...]:
    """All measurements, bound to what the command line names."""
    wish = Wish.of(options)

    def bound(measure: Callable[[bool, Wish], dict[str, Figure]]) -> Measure:
        return update_wrapper(lambda quick: measure(quick, wish), measure)

    learning = [_learning(art) for art in _BASES]
    return tuple(bound(measure) for measure in (writing, drawing, charts, *learning, window))


def writing(quick: bool, wish: Wish) -> dict[str, Figure]:
    """text LoRA beside a plain transformers and peft Trainer with padding"""
    names = {
        "tune_text_tokens_per_s": "tokens/s",
        "tune_text_plain_tokens_per_s": "tokens/s",
        "tune_text_x_plain": "x",
    }
    with _laid_out(wish, lambda corpus, out: lay_out_stories(corpus, out, _STORIES)) as found:
        if isinstance(found, str):
            return _missing(names, found)
        pairs = 3 if quick else 7
        got = _measure("text", "story", found, pairs)
    how = (
        f"{got['documents']} stories of {got['mean_tokens']:.0f} tokens, packed, {got['precision']}, "
        f"{got['threads']} threads; beside: padded batches, fp32"
    )
    return {
        "tune_text_tokens_per_s": Figure(value=got["tokens_per_s"], unit="tokens/s", runs=pairs),
        "tune_text_plain_tokens_per_s": Figure(value=got["plain_tokens_per_s"], unit="tokens/s", runs=pairs),
        "tune_text_x_plain": Figure(
            value=got["x_plain"], unit="x", reach=1.5, at="least", runs=pairs, why=how
        ),
    }


def drawing(quick: bool, wish: Wish) -> dict[str, Figure]:
    """image LoRA beside a plain diffusers loop that encodes at each step"""
    names = {
        "tune_image_images_per_s": "images/s",
        "tune_image_plain_images_per_s": "images/s",
        "tune_image_x_plain": "x",
        "tune_image_cache_s": "s",
    }
    with _laid_out(wish, lambda corpus, out: lay_out("image", corpus, out, 100)) as found:
        if isinstance(found, str):
            return _missing(names, found)
        pairs = 3 if quick else 10
        got = _measure("image", "picture", found, pairs)
    how = f"{got['size']} px, {got['precision']}, {got['threads']} threads; beside: fp32"
    once = f"once, loading and encoding {got['pictures']} pictures; not in the ratio"
    return {
        "tune_image_images_per_s": Figure(value=got["images_per_s"], unit="images/s", runs=pairs),
        "tune_image_plain_images_per_s": Figure(value=got["plain_images_per_s"], unit="images/s", runs=pairs),
        "tune_image_x_plain": Figure(
            value=got["x_plain"], unit="x", reach=1.3, at="least", runs=pairs, why=how
        ),
        "tune_image_cache_s": Figure(value=got["cache_s"], unit="s", why=once),
    }


def charts(quick: bool, wish: Wish) -> dict[str, Figure]:
    """what lines for the charts, TensorBoard's files and stopping for samples cost a training"""
    with _laid_out(wish, lambda corpus, out: lay_out_stories(corpus, out, _STORIES)) as found:
        if isinstance(found, str):
            return _missing({"tune_charts_cost": "x"}, found)
        pairs = 3 if quick else 9
        got = _measure("charts", "story", found, pairs)
    why = f"of {got['steps']} steps of text LoRA; making the samples themselves is not in it"
    return {"tune_charts_cost": Figure(value=got["cost"], unit="x", reach=0.03, runs=pairs, why=why)}


def _learning(art: Art) -> Callable[[bool, Wish], dict[str, Figure]]:
    def learning(_quick: bool, wish: Wish) -> dict[str, Figure]:
        return learnt(art, wish)

    learning.__doc__ = f"held-out loss of {art} before and after {_STEPS} steps of LoRA"
    return learning


def learnt(art: Art, wish: Wish) -> dict[str, Figure]:
    """The loss on the test side before and after, and by what share it became lower, with its interval."""
    name = f"tune_{art}_loss"
    unit = "mean squared error" if art == "image" else "nats/token"
    names = {f"{name}_{end}": unit for end in ("before", "after")}
    names |= {f"{name}_lower{end}": "share" for end in ("", "_low", "_high")}
    with _laid_out(wish, partial(_side, art)) as found:
        if isinstance(found, str):
            return _missing(names, found)
        end = _trained(art, found)
    if not {"before", "after", "gain"} <= end.test.keys():
        raise StudioError("The run did not weigh its test side.", do="Run “atelier doctor”.", code="no_test")
    before, after, gain = (end.test[key] for key in ("before", "after", "gain"))
    why = f"{end.steps} steps in {end.seconds:.0f} s, {end.documents} documents, 95 % by bootstrap over them"
    return {
        f"{name}_before": _of(before, unit),
        f"{name}_after": _of(after, unit),
        f"{name}_lower": Figure(
            value=gain.mean, unit="share", reach=_LOWER[art], at="least", runs=end.documents, why=why
        ),
        f"{name}_lower_low": Figure(value=gain.low, unit="share", runs=end.documents),
        f"{name}_lower_high": Figure(value=gain.high, unit="share", runs=end.documents),
    }


def window(quick: bool, _wish: Wish) -> dict[str, Figure]:
    """lateness of a 16 ms timer while a detached run trains and a key is typed at each tick"""
    found = [probe("tune-late") for _ in range(1 if quick else 3)]
    ticks = sum(int(row["ticks"]) for row in found)
    steps = sum(int(row["steps"]) for row in found)
    why = f"{steps} steps were trained meanwhile"
    return {
        "tune_ui_late_ms_p99": Figure(
            value=median_of(found, "p99_ms"), unit="ms", reach=16, runs=ticks, why=why
        ),
        "tune_ui_late_ms_max": Figure(value=median_of(found, "max_ms"), unit="ms", reach=50, runs=ticks),
    }


# -- helpers -------------------------------------------------------------------------------------


@contextmanager
def _laid_out(wish: Wish, lay: Callable[[Path, Path], int]) -> Iterator[Path | str]:
    """A folder made of the corpus, gone after that; or why there is none."""
    if not wish.corpus:
        yield NO_CORPUS
        return
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as scratch:
        folder = Path(scratch, "folder")
        count = lay(Path(wish.corpus), folder)
        yield folder if count else f"nothing of that kind in {wish.corpus}"


def _side(art: Art, corpus: Path, out: Path) -> int:
    return lay_out(art, corpus, out, _PICTURES if art == "image" else 100_000)


def _missing(names: dict[str, str], why: str) -> dict[str, Figure]:
    """Nothing was asked to be measured, so nothing is missed."""
    return {name: Figure(value=None, unit=unit, why=why) for name, unit in names.items()}


def _of(found: Interval, unit: str) -> Figure:
    return Figure(value=found.mean, unit=unit, why=f"{found.low:.4f} to {found.high:.4f}")


def _measure(part: str, base: str, folder: Path, pairs: int) -> dict[str, Any]:
    worker = [sys.executable, "-m", "studio.worker", "measure", "tune"]
    return run([*worker, part, str(_base(base)), str(folder), str(pairs)], _MEASURE_TIMEOUT_S)


def _base(name: str) -> Path:
    folder = starter_model(name)
    if not folder.is_dir():
        raise StudioError(
            f"The starter model {name} is not there.", do="Run “atelier doctor”.", code="no_model"
        )
    return folder


def _trained(art: Art, folder: Path) -> Finished:
    """A whole run, as a person starts one: the folder doctor, training, the report. Raises StudioError."""
    settings = TuneSettings(
        art=art,
        base=str(_base(_BASES[art])),
        folder=str(folder),
        steps=_STEPS,
        out=str(folder.parent / "adapter"),
        run=RunSettings(sample_every=-1, patience=0),
    )
    made = RunFolder.create(folder.parent / "runs", settings)
    subprocess.run(
        [sys.executable, "-m", "studio.worker", "run", str(made.path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_RUN_TIMEOUT_S,
        check=False,
        env=os.environ | {"ATELIER_HOME": str(folder.parent / "home")},
    )
    ends = [event for event in made.last_events() if isinstance(event, Finished | Broke)]
    if not ends or isinstance(ends[-1], Broke):
        what = ends[-1].what if ends and isinstance(ends[-1], Broke) else "it ended without a word"
        raise StudioError(f"The training failed: {what}", do="Run “atelier doctor”.", code="measure")
    return ends[-1]
