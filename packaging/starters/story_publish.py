"""From a checkpoint to the finished model folder: export, figures, samples, card."""

import json
import platform
import shutil
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import story_data
import torch
from story_card import Facts, card
from story_eval import SETS, Scorer, measure_folder, transformers_scorer
from story_export import export, load, put_in_place
from story_fill import measure_fill
from story_sample import all_samples
from story_train import Trainer
from tokenizers import Tokenizer

CREDITS = "open_children.attribution.tsv"


def machine() -> str:
    """The kind of machine, in words for the card."""
    if torch.cuda.is_available():
        return f"one {torch.cuda.get_device_name()}"
    cores = torch.get_num_threads()
    return f"{cores} core{'s' if cores > 1 else ''} ({platform.machine()}, no accelerator)"


def scorer_of(folder: Path) -> tuple[Scorer, str]:
    """What the figures are measured through: transformers where it is installed."""
    if find_spec("transformers"):
        return transformers_scorer(folder), "`transformers`"
    return load(folder).logits, "the recipe's own class"


def facts_of(trainer: Trainer, tokenizer: Tokenizer, folder: Path, corpus: Path, note: str) -> Facts:
    """Measure the exported folder and draw the samples."""
    plan, now = trainer.plan, trainer.progress
    scorer, reader = scorer_of(folder)
    return Facts(
        parameters=sum(p.numel() for p in trainer.model.parameters()),
        layers=plan.shape.layers,
        hidden=plan.shape.hidden,
        context=plan.shape.context,
        steps=now.step,
        tokens=now.step * plan.group * plan.groups,
        minutes=now.seconds / 60,
        machine=machine(),
        note=note,
        reader=reader,
        figures=measure_folder(folder, corpus, SETS, scorer),
        fill=measure_fill(story_data.read_set(corpus, "tinystories", "test"), tokenizer, scorer),
        samples=all_samples(load(folder), tokenizer),
    )


def publish(trainer: Trainer, tokenizer: Tokenizer, corpus: Path, out: Path, note: str = "") -> Facts:
    """Write, measure and describe the model, then put it in place of what stood at `out`."""
    fresh = trainer.folder / "export"
    shutil.rmtree(fresh, ignore_errors=True)
    export(trainer.model, tokenizer, fresh)
    facts = facts_of(trainer, tokenizer, fresh, corpus, note)
    (fresh / "README.md").write_text(card(facts), encoding="utf-8")
    shutil.copyfile(corpus / "text" / CREDITS, fresh / "ATTRIBUTION.tsv")
    content = json.dumps({name: asdict(f) for name, f in facts.figures.items()}, indent=2)
    (trainer.folder / "figures.json").write_text(content + "\n", encoding="utf-8")
    put_in_place(fresh, out)
    return facts
