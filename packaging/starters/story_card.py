"""Writes the model card: what was measured, what went in, unselected samples, what the model cannot do."""

from dataclasses import dataclass

from story_eval import Figure
from story_fill import FillFigure
from story_sample import LENGTH, NUCLEUS, TEMPERATURE, Sample


@dataclass(frozen=True)
class Facts:
    """Everything the card states."""

    parameters: int
    layers: int
    hidden: int
    context: int
    steps: int
    tokens: int  # seen in training, repetitions counted
    minutes: float
    machine: str
    note: str  # about this very run; may be empty
    reader: str  # what the figures were measured through
    figures: dict[str, Figure]
    fill: FillFigure
    samples: list[Sample]


HEAD = """---
license: apache-2.0
language: en
pipeline_tag: text-generation
library_name: transformers
---

# Atelier starter model: story

A very small language model for simple English stories, trained from nothing by `packaging/starters/story.py`.
It exists so that the studio works at once and offline, and as something to fine-tune; it is no match for a
large model.

"""

DATA = """## Training data

Only the `train` sides of these sets; nothing from `test` or `tune` was seen.

| set | what | licence |
|---|---|---|
| tinystories | 11,432 very simple stories, a subset of TinyStories | CDLA-Sharing-1.0 |
| open_children | 622 stories of African Storybook and Pratham Books | CC BY 4.0, credits: `ATTRIBUTION.tsv` |
| tales | 54 children's books, 231 fairy tales | public domain; fairy tales Apache-2.0; a few editions CC0 |

96 of the tinystories were kept back for validation; every story of open_children stands in an epoch twice.

`ATTRIBUTION.tsv` names collection, title, authors and translators of every story of open_children (both
sides). The weights are offered under Apache-2.0.

"""

USE = """## How to use it

Plain `transformers` (`AutoModelForCausalLM`, `AutoTokenizer`); a Llama with tied embeddings. The tokenizer is
byte-level BPE: any text survives the round trip. It adds no special tokens by itself.

- Beginning and end of a text are `<|endoftext|>` (id 0): put it before a prompt that begins a story.
- Filling a gap: `<|fim_prefix|>` + text before + `<|fim_suffix|>` + text after + `<|fim_middle|>`; the model writes
  the middle and closes with `<|endoftext|>`. Nothing stands before `<|fim_prefix|>`, no spaces are added anywhere.
- About 12 % of the training documents stood in that form, half of them in the other order:
  `<|fim_suffix|>` + after + `<|fim_prefix|>` + before + `<|fim_middle|>` + middle + `<|endoftext|>`.
- Four ids are reserved (`<|reserved_0|>` to `<|reserved_3|>`) and untrained.

"""

LIMITS = """## What it cannot do

It knows short, simple sentences and little of the world: no facts, no instructions, no dialogue with a user, no
language but English (other scripts pass through the tokenizer, the model has never seen them). Over more than a
few paragraphs it forgets who is who, repeats itself and contradicts itself. It learnt from books of the
nineteenth and early twentieth century, whose dated attitudes can show. The text after a gap guides it
little (figures above): middles fit what stands before them better. Check what it writes before children read it.

"""


def figures_part(facts: Facts) -> str:
    """The table of held-out figures and how they were measured."""
    rows = [
        f"| {name} | **{f.bits_per_byte:.4f}** | {f.with_end:.4f} | {f.documents:,} | {f.bytes:,} | {f.tokens:,} |"
        for name, f in facts.figures.items()
    ]
    fill = facts.fill
    return (
        "## Held-out figures\n\n"
        "| test set | bits per byte | with the end marks | documents | bytes | tokens |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n\nEvery document begins from `<|endoftext|>`; the bits of all its tokens are divided by the bytes of its"
        "\nUTF-8 text, nothing normalised. The closing `<|endoftext|>` is not counted in the first figure, its bits are"
        f"\nin the second. Documents longer than {facts.context} tokens: sliding window, moved by half the context."
        f"\nMeasured on the saved bfloat16 weights through {facts.reader}, reckoned in 32 bits:"
        "\n`python packaging/starters/story_eval.py resources/models/story`.\n\n"
        f"Filling gaps ({fill.documents} tinystories test documents, each cut at two random places): the middle costs"
        f"\n{fill.filled:.3f} bits per byte with the text before and after known, {fill.plain:.3f} with only the text"
        "\nbefore.\n\n"
    )


def training_part(facts: Facts) -> str:
    """Size and length of the training."""
    return (
        "## Training\n\n"
        f"{facts.parameters:,} parameters: {facts.layers} layers of {facts.hidden} units, rotary positions, grouped"
        f"\nheads, context {facts.context} tokens. {facts.steps:,} steps, {facts.tokens / 1e6:.1f} million tokens with"
        f"\nrepetitions, {facts.minutes:.0f} minutes on {facts.machine}. Muon for the matrices, AdamW for embedding and"
        "\nnorms; windows of 512 tokens (stories) and 1,024 (books), attention within documents only; the rate"
        "\nconstant, then falling to nothing; of all states the one with the best validation loss ships.\n\n"
        + (facts.note + "\n\n" if facts.note else "")
    )


def samples_part(samples: list[Sample]) -> str:
    """The samples, quoted whole."""
    out = [
        "## Ten samples, not selected\n\n"
        f"Seeds 0 to {len(samples) - 1}, the first drawn; temperature {TEMPERATURE}, top p {NUCLEUS}, at most"
        f" {LENGTH} tokens. The opening is in bold.\n"
    ]
    for found in samples:
        text = f"**{found.opening}**{found.text}" + ("" if found.ended else " [...]")
        quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        out.append(f"\nSeed {found.seed}\n\n{quoted}\n")
    return "".join(out)


def card(facts: Facts) -> str:
    """The whole card."""
    return (
        HEAD + figures_part(facts) + USE + training_part(facts) + DATA + LIMITS + samples_part(facts.samples)
    )
