"""From a run to the finished model folder: export, figures, contact sheet, card."""

import json
from dataclasses import asdict
from pathlib import Path

from diffusers import AutoencoderKL
from picture_card import Facts, card
from picture_export import LIMIT, STEPS, draw, export, load, pipeline_of, sheet
from picture_figures import measure
from picture_prompts import PROMPTS
from picture_scorer import Scorer
from picture_train import Trainer
from story_export import put_in_place
from story_publish import machine

SHEET = "sheet.webp"


def publish(
    trainer: Trainer, vae: AutoencoderKL, scorer: Scorer, out: Path, note: str, steps: int = STEPS
) -> Facts:
    """Write, measure and describe the model, then put it in place of what stood at `out`. `steps`: of drawing."""
    fresh = trainer.folder / "export"
    unet, text = trainer.parts()
    export(pipeline_of(vae, unet, text, trainer.feed.tokenizer), fresh)
    pipe = load(fresh)
    figures = measure(pipe, trainer.feed, scorer, steps)
    sheet(draw(pipe, PROMPTS, steps=steps)).save(fresh / SHEET, quality=60, method=6)
    facts = Facts(
        figures=figures,
        parameters={
            name: sum(p.numel() for p in part.parameters())
            for name, part in (("UNet", pipe.unet), ("text encoder", pipe.text_encoder), ("VAE", pipe.vae))
        },
        icons=len(trainer.feed.rows),
        steps=trainer.progress.step,
        batch=trainer.plan.batch,
        favour=trainer.plan.favour,
        minutes=trainer.progress.seconds / 60,
        machine=machine(),
        note=note,
    )
    (fresh / "README.md").write_text(card(facts), encoding="utf-8")
    (trainer.folder / "figures.json").write_text(json.dumps(asdict(facts), indent=2) + "\n", encoding="utf-8")
    put_in_place(fresh, out, LIMIT)
    return facts
