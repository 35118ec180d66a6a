"""Makes the starter story model: tokenizer, training, export, figures and model card in one command.

    python packaging/starters/story.py [--corpus DIR] [--out DIR] [--run DIR] [--steps N | --minutes N] [--resume]

Needs torch, tokenizers, safetensors and numpy, this repository on the path (installed, or PYTHONPATH), a C++ compiler
for torch.compile (or --eager), and transformers for figures measured through the real class. The run's folder keeps a
checkpoint every few minutes. A number of minutes written into the file `finish` there ends a running training within
that time, its rate falling to nothing on the way. On a machine that others use too, set OMP_WAIT_POLICY=passive.
"""

import argparse
from pathlib import Path

import numpy as np
import story_data
import story_tokenizer
from starter_run import say, use_cores
from story_pack import Feed
from story_publish import publish
from story_tokenizer import END_ID
from story_train import BEST, Plan, Trainer
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
HELD_BACK = 96  # training stories kept for validation
TWICE = 2  # times each open_children story stands in an epoch


def encode(tokenizer: Tokenizer, documents: list[str]) -> list[np.ndarray]:
    """Token ids of each document with the end mark at both ends."""
    found = (story.ids for story in tokenizer.encode_batch(documents))
    return [np.array([END_ID, *ids, END_ID], dtype=np.uint16) for ids in found]


def prepare(
    corpus: Path, run: Path, plan: Plan, fresh: bool
) -> tuple[Tokenizer, tuple[Feed, Feed], np.ndarray]:
    """Learn the tokenizer (or take up the run's) and lay out the data: two feeds, the validation windows."""
    sets = {
        name: story_data.read_set(corpus, name, "train") for name in ("tinystories", "open_children", "tales")
    }
    held, stories = sets["tinystories"][:HELD_BACK], sets["tinystories"][HELD_BACK:]
    simple = stories + sets["open_children"] * TWICE
    file = run / "tokenizer.json"
    if fresh:
        run.mkdir(parents=True, exist_ok=True)
        (run / ".gitignore").write_text("*\n", encoding="utf-8")
        story_tokenizer.learn(simple, sets["tales"], plan.shape.vocab).save(str(file), pretty=False)
    tokenizer = Tokenizer.from_file(str(file))
    short, long = plan.windows
    encoded = encode(tokenizer, simple)
    books = [ids for ids in encoded if len(ids) > short + 1] + encode(tokenizer, sets["tales"])
    feeds = (
        Feed(tokenizer, [ids for ids in encoded if len(ids) <= short + 1], short, plan.seed),
        Feed(tokenizer, books, long, plan.seed),
    )
    checks = Feed(
        tokenizer, [ids for ids in encode(tokenizer, held) if len(ids) <= short + 1], short, 0, fill=0.0
    )
    return tokenizer, feeds, checks.take(24)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "models" / "story")
    parser.add_argument("--run", type=Path, default=ROOT / ".runs" / "story", help="folder of checkpoints")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, default=Plan.steps, help="length of the training")
    length.add_argument("--minutes", type=float, default=0.0, help="length by the clock instead")
    parser.add_argument("--note", default="", help="a sentence about this run for the card")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--eager", action="store_true", help="without torch.compile, in 32 bits: slow")
    parser.add_argument("--resume", action="store_true", help="take up the run from its checkpoint")
    parser.add_argument("--only-export", action="store_true", help="export the best state of a run")
    return parser.parse_args()


def main() -> None:
    """Train, then export, measure and describe."""
    wish = arguments()
    use_cores()
    plan = Plan(seed=wish.seed, steps=0 if wish.minutes else wish.steps, minutes=wish.minutes)
    taken_up = wish.resume or wish.only_export
    tokenizer, feeds, valid = prepare(wish.corpus, wish.run, plan, fresh=not taken_up)
    trainer = Trainer(plan, feeds, wish.run, compiled=not (wish.eager or wish.only_export))
    if wish.resume:
        trainer.load()
    if not wish.only_export:
        say(f"{len(feeds[0].documents)} short and {len(feeds[1].documents)} long documents; {plan}")
        trainer.run(valid, say)
    trainer.load(BEST)
    facts = publish(trainer, tokenizer, wish.corpus, wish.out, wish.note)
    for name, figure in facts.figures.items():
        say(f"{name}: {figure.bits_per_byte:.4f} bits per byte ({figure.with_end:.4f} with the end marks)")


if __name__ == "__main__":
    main()
