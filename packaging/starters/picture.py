"""Makes the starter picture model: VAE, tokenizer, scorer, UNet, export, figures and card in one command.

    python packaging/starters/picture.py [--corpus DIR] [--out DIR] [--run DIR] [--steps N | --minutes N] [--resume]

Needs torch, diffusers, transformers, tokenizers, Pillow and numpy; torch.compile (a C++ compiler) is used unless
--eager. The run's folder keeps a checkpoint every few minutes. `--resume` takes up whatever part was going on;
where the training had ended it goes on for another N steps or minutes. A number of minutes written into the
file `finish` in the run's folder ends the running part within that time. With glibc set MALLOC_MMAP_MAX_=0
MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_ARENA_MAX=1: memory that is kept, not given back, saves half the time.
"""

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

import picture_scorer
import picture_words
from diffusers import AutoencoderKL
from picture_data import Picture, read_pictures, read_pixels, words_of
from picture_export import STEPS
from picture_feed import LATENTS, Feed, read_latents
from picture_publish import publish
from picture_scorer import Scorer, ScorerPlan
from picture_train import Plan, Trainer
from picture_vae import FINISHED, VaePlan, VaeTrainer, finished
from starter_run import Span, say, use_cores
from transformers import CLIPTokenizer

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Plans:
    """The plans of all trained parts."""

    vae: VaePlan = field(default_factory=VaePlan)
    scorer: ScorerPlan = field(default_factory=ScorerPlan)
    unet: Plan = field(default_factory=Plan)
    drawing: int = STEPS  # steps of each picture drawn for figures and the contact sheet


class Workshop:
    """One run's folder and what is made in it, part by part; a part that is there is not made again."""

    def __init__(self, corpus: Path, run: Path, vae_plan: VaePlan, scorer_plan: ScorerPlan) -> None:
        self.corpus, self.run, self.vae_plan, self.scorer_plan = corpus, run, vae_plan, scorer_plan
        run.mkdir(parents=True, exist_ok=True)
        (run / ".gitignore").write_text("*\n", encoding="utf-8")
        self.pictures: list[Picture] = read_pictures(corpus, words_of(picture_words.COMMON))
        self.pixels = read_pixels(corpus, self.pictures, run / "pixels.npy")

    def vae(self) -> AutoencoderKL:
        """The finished VAE; trained where it is not there."""
        if not (self.run / FINISHED).exists():
            sides = [picture.side for picture in self.pictures]
            rows = [i for i, side in enumerate(sides) if side == "train"]
            tests = [i for i, side in enumerate(sides) if side == "test"]
            trainer = VaeTrainer(self.vae_plan, self.pixels, rows, self.run)
            trainer.take_up()
            trainer.run(self.pixels[tests[::6]], say)
        return finished(self.vae_plan, self.run)

    def tokenizer(self) -> CLIPTokenizer:
        """The tokenizer; learnt where it is not there."""
        folder = self.run / "tokenizer"
        if not folder.exists():
            picture_words.learn([p for p in self.pictures if p.side == "train"]).save_pretrained(folder)
        return picture_words.load(folder)

    def feed(self, vae: AutoencoderKL, plan: Plan) -> Feed:
        """Latents and phrases."""
        latents = read_latents(vae, self.pixels, self.run / LATENTS)
        return Feed(self.pictures, self.pixels, latents, self.tokenizer(), plan.dropped, plan.favour)

    def scorer(self, feed: Feed) -> Scorer:
        """The scorer; trained where it is not there."""
        count = len(feed.tokenizer)
        if (self.run / picture_scorer.CHECKPOINT).exists():
            return picture_scorer.load(self.scorer_plan, count, self.run)
        return picture_scorer.train(self.scorer_plan, count, feed.contrasted, self.run, say)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "models" / "picture")
    parser.add_argument("--run", type=Path, default=ROOT / ".runs" / "picture", help="folder of checkpoints")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, default=0, help="length of the UNet's training in steps")
    length.add_argument("--minutes", type=float, default=90.0, help="length by the clock")
    parser.add_argument("--vae-steps", type=int, default=1150)
    parser.add_argument("--scorer-steps", type=int, default=ScorerPlan.steps)
    parser.add_argument("--batch", type=int, default=Plan.batch, help="icons a step")
    parser.add_argument("--favour", type=float, default=Plan.favour, help="weight of simple, common things")
    parser.add_argument("--note", default="", help="a sentence about this run for the card")
    parser.add_argument("--eager", action="store_true", help="without torch.compile")
    parser.add_argument("--resume", action="store_true", help="take up the run from its checkpoint")
    parser.add_argument("--only-export", action="store_true", help="export the run as it stands")
    return parser.parse_args(words)


def planned(wish: argparse.Namespace, plans: Plans) -> Plans:
    """The plans with the lengths that were wished for."""
    warm = min(100, max(1, wish.steps // 4)) if wish.steps else 100
    span = Span(wish.steps, wish.minutes, warm, tail=0.5)
    return replace(
        plans,
        vae=replace(plans.vae, span=Span(steps=wish.vae_steps, warm=100, tail=0.4)),
        scorer=replace(plans.scorer, steps=wish.scorer_steps),
        unet=replace(plans.unet, span=span, batch=wish.batch, favour=wish.favour),
    )


def main(words: list[str] | None = None, plans: Plans | None = None) -> None:
    """Train, then export, measure and describe."""
    wish = arguments(words)
    use_cores()
    plans = planned(wish, plans or Plans())
    shop, plan = Workshop(wish.corpus, wish.run, plans.vae, plans.scorer), plans.unet
    vae = shop.vae()
    feed = shop.feed(vae, plan)
    scorer = shop.scorer(feed)
    trainer = Trainer(plan, feed, wish.run, scorer.text.state_dict(), not (wish.eager or wish.only_export))
    if wish.resume or wish.only_export:
        trainer.load()
        if trainer.progress.ended and not wish.only_export:
            trainer.progress.go_on()
    if not wish.only_export:
        say(f"{len(feed.rows)} icons; {plan}")
        trainer.run(say)
    facts = publish(trainer, vae, scorer, wish.out, wish.note, plans.drawing)
    say(str(facts.figures))


if __name__ == "__main__":
    main()
