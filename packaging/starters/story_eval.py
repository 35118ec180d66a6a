"""Measures a story model folder: bits per byte of the held-out documents, through transformers.

    python packaging/starters/story_eval.py MODEL_DIR [--corpus DIR] [--sets tinystories ...] [--json FILE]

Every document begins from <|endoftext|>, which is not scored. The bits of all its tokens are divided by the
bytes of its UTF-8 text. The closing <|endoftext|> is not counted; a second figure counts its bits as well.
Documents longer than the context are read with a sliding window that moves by half the context.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import story_data
import torch
from starter_run import use_cores
from story_tokenizer import END_ID
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

ROOT = Path(__file__).resolve().parents[2]
SETS = ("tinystories", "open_children", "tales")
AT_ONCE = 4096  # tokens scored at once

Scorer = Callable[[Tensor], Tensor]  # token ids [B, T] to scores of the next token [B, T, V]


@dataclass(frozen=True)
class Figure:
    """What was measured on one set."""

    documents: int
    bytes: int
    tokens: int
    bits_per_byte: float
    with_end: float  # bits per byte with the closing mark's bits counted too


@dataclass(frozen=True)
class View:
    """One window on a document: inputs ids[start:end], targets from `first` on are scored."""

    document: int
    start: int
    end: int
    first: int


def views(lengths: Sequence[int], context: int) -> list[View]:
    """Windows over documents of so many inputs; every target is scored once, with as much before it as fits."""
    found = []
    for document, length in enumerate(lengths):
        first, end = 0, min(context, length)
        while first < length:
            found.append(View(document, max(0, end - context), end, first))
            first, end = end, min(end + context // 2, length)
    return found


def batches(found: list[View], limit: int) -> list[list[View]]:
    """Views of like length together, at most `limit` tokens at once (padding included)."""
    groups: list[list[View]] = []
    for view in sorted(found, key=lambda v: v.end - v.start):
        if not groups or (len(groups[-1]) + 1) * (view.end - view.start) > limit:
            groups.append([])
        groups[-1].append(view)
    return groups


@torch.no_grad()
def measure(documents: list[str], tokenizer: Tokenizer, scorer: Scorer, context: int) -> Figure:
    """Bits per byte of the documents under a scorer."""
    ids = [[END_ID, *found.ids, END_ID] for found in tokenizer.encode_batch(documents)]
    text_bits = end_bits = 0.0
    for group in batches(views([len(i) - 1 for i in ids], context), AT_ONCE):
        width = group[-1].end - group[-1].start
        tokens = torch.full((len(group), width), END_ID)
        for row, view in enumerate(group):
            tokens[row, : view.end - view.start] = torch.tensor(ids[view.document][view.start : view.end])
        scores = scorer(tokens)
        for row, view in enumerate(group):
            part = scores[row, view.first - view.start : view.end - view.start].float()
            targets = torch.tensor(ids[view.document][view.first + 1 : view.end + 1])
            bits = functional.cross_entropy(part, targets, reduction="none").double() / math.log(2)
            closing = float(bits[-1]) if view.end == len(ids[view.document]) - 1 else 0.0
            end_bits += closing
            text_bits += float(bits.sum()) - closing
    size = sum(len(text.encode("utf-8")) for text in documents)
    tokens_n = sum(len(i) - 2 for i in ids)
    return Figure(len(documents), size, tokens_n, text_bits / size, (text_bits + end_bits) / size)


def transformers_scorer(folder: Path) -> Scorer:
    """The saved half-precision weights in the real class, reckoned in 32 bits."""
    from transformers import AutoModelForCausalLM  # only this step needs it
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return lambda tokens: model(input_ids=tokens, use_cache=False).logits.detach()


def measure_folder(folder: Path, corpus: Path, sets: Sequence[str], scorer: Scorer) -> dict[str, Figure]:
    """The figures of a model folder on the test side of each set."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    context = json.loads((folder / "config.json").read_text(encoding="utf-8"))["max_position_embeddings"]
    return {
        name: measure(story_data.read_set(corpus, name, "test"), tokenizer, scorer, context) for name in sets
    }


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--json", type=Path, help="write the figures here too")
    wish = parser.parse_args()
    use_cores()
    figures = measure_folder(wish.model, wish.corpus, wish.sets, transformers_scorer(wish.model))
    for name, figure in figures.items():
        sys.stdout.write(
            f"{name}: {figure.bits_per_byte:.4f} bits per byte ({figure.with_end:.4f} with the end marks), "
            f"{figure.documents} documents, {figure.bytes} bytes, {figure.tokens} tokens\n"
        )
    if wish.json:
        content = {name: asdict(figure) for name, figure in figures.items()}
        wish.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
