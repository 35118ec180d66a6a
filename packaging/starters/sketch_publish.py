"""From a run to the finished model folder: export, figures, takes, card."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import sketch_data
import sketch_takes
import torch
from sketch_card import Facts, card
from sketch_data import read_pieces
from sketch_excerpts import Opening, gathered
from sketch_export import LIMIT, export
from sketch_figures import measure
from sketch_train import Trainer
from story_export import put_in_place
from story_publish import machine

from studio.media.music.midi import read_midi
from studio.media.music.score import Score

MIDI = "takes"


@dataclass(frozen=True)
class Places:
    """Where things come from and go to."""

    corpus: Path
    out: Path  # the model folder
    sounds: Path  # the takes as OGG


def read_score(data: bytes, name: str) -> Score:
    """A corpus file's score."""
    return read_midi(data, name).score


def held_out(corpus: Path, names: set[str], most: int) -> list[Opening]:
    """Excerpts of the test pieces of the cache, `most` pieces at most (spread over the sets; 0: all)."""
    pieces = [one for one in read_pieces(corpus) if one.side == "test" and one.name in names]
    if most:
        pieces = pieces[:: max(1, len(pieces) // most)][:most]
    return gathered([(one.name, partial(read_score, one.data, one.name)) for one in pieces])


def publish(trainer: Trainer, places: Places, note: str, most: int, say: Callable[[str], None]) -> Facts:
    """Write, measure and describe the model, then put it in place of what stood at `out`. `most`: see held_out."""
    from transformers import AutoModelForCausalLM  # only this step needs it
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    feed, plan, now = trainer.feeds[0], trainer.plan, trainer.progress
    corpus, words = feed.corpus, feed.words
    fresh = trainer.folder / "export"
    export(trainer.model, words, fresh)
    device = str(trainer.device)
    model = AutoModelForCausalLM.from_pretrained(fresh, dtype=torch.float32).eval().to(device)
    tests = {str(corpus.names[row]) for row in corpus.pieces(sketch_data.SIDES.index("test"))}
    openings = held_out(places.corpus, tests, most)
    say(f"{len(openings)} excerpts of held-out pieces")
    figures = measure(
        model,
        lambda ids: model(input_ids=ids, use_cache=False).logits,
        corpus,
        words,
        openings,
        say,
        device,
    )
    found = sketch_takes.samples(model, openings, device)
    sketch_takes.write(found, fresh / MIDI, places.sounds)
    trained = len(corpus.pieces(0))
    facts = Facts(
        figures=figures,
        parameters=sum(p.numel() for p in trainer.model.parameters()),
        layers=plan.shape.layers,
        hidden=plan.shape.hidden,
        context=plan.shape.context,
        pieces=trained,
        left_out=len(read_pieces(places.corpus)) - len(corpus.names),
        steps=now.step,
        tokens=now.step * plan.group * plan.groups,
        minutes=now.seconds / 60,
        machine=machine(),
        note=note,
        takes=[one.words for one in found],
    )
    (fresh / "README.md").write_text(card(facts), encoding="utf-8")
    (trainer.folder / "figures.json").write_text(json.dumps(asdict(facts), indent=2) + "\n", encoding="utf-8")
    put_in_place(fresh, places.out, LIMIT)
    return facts
