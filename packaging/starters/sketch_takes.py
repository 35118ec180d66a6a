"""Ten takes, not selected, as MIDI and as OGG: what the model made of the first held-out pieces it was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sketch_excerpts import GIVEN, Opening
from sketch_figures import bare, given
from sketch_sample import takes

from studio.core.pieces import NewTrack, PieceJob
from studio.media.music.audio import AudioWish, write_audio
from studio.media.music.fonts import open_font
from studio.media.music.midi import write_midi
from studio.media.music.score import Score

TASKS = ("continue",) * 4 + ("infill",) * 3 + ("harmonise",) * 3
PIANO = NewTrack(id="new", name="Added by the model", program=0)
WISH = AudioWish(format="ogg", rate=22050, quality=0.3)


@dataclass(frozen=True)
class Sample:
    """One take and what it was asked for."""

    number: int
    words: str
    score: Score


def asked(task: str, opening: Opening, seed: int) -> tuple[Score, PieceJob, str]:
    """What the model is given, what it is asked, and that in words. `seed` counts from 0."""
    whole, bars = bare(opening.score), f"bars {opening.first + 1} to {opening.last + 1}"
    if task == "continue":
        return (
            given(opening),
            opening.job("continue", seed),
            f"{opening.name}: {bars} continue the {GIVEN} before",
        )
    if task == "infill":
        middle = replace_span(opening)
        words = f"{opening.name}: bars {middle.first + 1} to {middle.last + 1} of all tracks filled in"
        return whole, middle.job("infill", seed), words
    tune = replace(whole, tracks=whole.tracks[:1])
    words = f"{opening.name}: a piano added to the first track alone"
    return tune, replace(opening.job("harmonise", seed, (), PIANO), first_bar=0), words


def replace_span(opening: Opening) -> Opening:
    """The same with its last bars left as they are, so that the middle is asked for."""
    return Opening(
        opening.name, opening.score, opening.first, opening.last - (opening.last + 1) // 4, opening.bar_ticks
    )


def chosen(openings: Sequence[Opening]) -> list[Opening]:
    """One opening for each task, from all sets in turn; the first of each set, in the order of their names."""
    by_set: dict[str, list[Opening]] = {}
    for one in openings:
        by_set.setdefault(one.name.split("/")[0], []).append(one)
    queues, found = [list(ones) for ones in by_set.values()], []
    while len(found) < len(TASKS) and any(queues):
        found += [queue.pop(0) for queue in queues if queue]
    return found[: len(TASKS)]


def samples(model: Any, openings: Sequence[Opening], device: str = "cpu") -> list[Sample]:
    """The takes: seeds 0 to 9, the first drawn."""
    wanted = [
        asked(task, one, seed) for seed, (task, one) in enumerate(zip(TASKS, chosen(openings), strict=False))
    ]
    made = takes(model, [(score, job) for score, job, _ in wanted], device)
    return [
        Sample(i, words, score) for i, ((_, _, words), score) in enumerate(zip(wanted, made, strict=True))
    ]


def write(found: Sequence[Sample], midi: Path, sound: Path) -> None:
    """`take_0.mid` and so on into one folder, `take_0.ogg` and so on into another."""
    font = open_font(None)
    for folder in (midi, sound):
        folder.mkdir(parents=True, exist_ok=True)
    for one in found:
        (midi / f"take_{one.number}.mid").write_bytes(write_midi(one.score).data)
        write_audio(one.score, sound / f"take_{one.number}.ogg", WISH, font)
