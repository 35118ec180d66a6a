"""Makes the starter music model: corpus cache, training, export, figures, takes and card in one command.

    python packaging/starters/sketch.py [--corpus DIR] [--out DIR] [--run DIR] [--steps N | --minutes N] [--resume]

Needs torch, tokenizers, safetensors and numpy, this repository on the path (installed, or PYTHONPATH), a C++ compiler
for torch.compile (or --eager); for the cache and for what follows the training also what the studio needs (symusic,
msgspec, transformers, soundfile). The run's folder keeps the cache and a checkpoint every few minutes: with the cache
there, `--only-train` runs on a machine without those. A number of minutes written into the file `finish` in the run's
folder ends the training within that time, its rate falling to nothing on the way; `--resume` takes up whatever was
going on, or goes on for another N steps or minutes where the training had ended. On a machine that others use too, set
OMP_WAIT_POLICY=passive.
"""

import argparse
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from sketch_train import Plan, Trainer, feeds_of, shape_of
from starter_run import say, use_cores
from story_model import Shape
from story_train import BEST

from studio.worker.tune import music_corpus
from studio.worker.tune.music_corpus import Corpus
from studio.worker.tune.music_feed import Feed
from studio.worker.tune.music_words import Words

ROOT = Path(__file__).resolve().parents[2]
CHECKED = 16  # validation windows
VALID, VALID_SEED = 1, 0


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "models" / "sketch")
    parser.add_argument("--sounds", type=Path, default=ROOT / "packaging" / "starters" / "sketch_takes")
    parser.add_argument("--run", type=Path, default=ROOT / ".runs" / "sketch", help="folder of checkpoints")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, default=0, help="length of the training in steps")
    length.add_argument("--minutes", type=float, default=Plan.minutes, help="length by the clock")
    parser.add_argument("--group", type=int, default=Plan.group, help="tokens handled at once")
    parser.add_argument("--groups", type=int, default=Plan.groups, help="groups a step")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--note", default="", help="a sentence about this run for the card")
    parser.add_argument("--pieces", type=int, default=0, help="held-out pieces to sample from; 0: all")
    parser.add_argument("--eager", action="store_true", help="without torch.compile, in 32 bits: slow")
    parser.add_argument("--resume", action="store_true", help="take up the run from its checkpoint")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--only-prepare", action="store_true", help="make the cache and stop")
    only.add_argument("--only-train", action="store_true", help="train and stop")
    only.add_argument("--only-export", action="store_true", help="export the best state of a run")
    return parser.parse_args(words)


def prepared(corpus: Path, run: Path) -> tuple[Corpus, Words]:
    """The run's cache; made where it is not there."""
    run.mkdir(parents=True, exist_ok=True)
    (run / ".gitignore").write_text("*\n", encoding="utf-8")
    if not (run / music_corpus.FILE).exists():
        import sketch_cache  # needs what the studio needs, which a machine that only trains may lack

        sketch_cache.prepare(corpus, run, say)
    return Corpus.load(run), Words.load(run)


def planned(wish: argparse.Namespace, words: Words, shape: Shape | None) -> Plan:
    """The plan that was wished for."""
    warm = min(Plan.warm, max(1, wish.steps // 4)) if wish.steps else Plan.warm
    return Plan(
        shape=shape or shape_of(words.size),
        seed=wish.seed,
        steps=wish.steps,
        minutes=0.0 if wish.steps else wish.minutes,
        warm=warm,
        group=wish.group,
        groups=wish.groups,
    )


def trainer_of(wish: argparse.Namespace, plan: Plan, corpus: Corpus, words: Words) -> Trainer:
    """The run, taken up where that is wished for."""
    feeds = feeds_of(partial(feed_of, corpus, words, plan.seed), plan.windows)
    trainer = Trainer(plan, feeds, wish.run, words.sampled, not (wish.eager or wish.only_export))
    if wish.resume:
        trainer.load()
        if trainer.progress.ended:
            trainer.progress.go_on()
    return trainer


def feed_of(corpus: Corpus, words: Words, seed: int, window: int) -> Feed:
    """The training feed of one length."""
    return Feed(corpus, words, window, seed)


def main(
    argv: list[str] | None = None, shape: Shape | None = None, windows: tuple[int, int] | None = None
) -> None:
    """Train, then export, measure and describe. `shape` and `windows`: of another network than the one that ships."""
    wish = arguments(argv)
    use_cores()
    corpus, words = prepared(wish.corpus, wish.run)
    if wish.only_prepare:
        return
    plan = planned(wish, words, shape)
    plan = replace(plan, windows=windows) if windows else plan
    trainer = trainer_of(wish, plan, corpus, words)
    if not wish.only_export:
        began = time.monotonic()
        valid = Feed(corpus, words, plan.windows[0], VALID_SEED, VALID, context=0.0).take(CHECKED)
        pace = CHECKED * plan.windows[0] / (time.monotonic() - began)
        say(f"{len(trainer.feeds[0].rows)} pieces; {pace:,.0f} tokens/s can be fed; {plan}")
        trainer.run(valid, say)
    if wish.only_train:
        return
    trainer.load(BEST)
    from sketch_publish import Places, publish  # needs the studio's packages

    facts = publish(trainer, Places(wish.corpus, wish.out, wish.sounds), wish.note, wish.pieces, say)
    say(str(facts.figures))


if __name__ == "__main__":
    main()
