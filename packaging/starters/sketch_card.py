"""Writes the music model's card: what was measured, what went in, ten takes, what it cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass

from sketch_excerpts import BARS, GIVEN
from sketch_export import NUCLEUS, TEMPERATURE
from sketch_figures import Figures

from studio.media.learned.copied import FLAG_NOTES


@dataclass(frozen=True)
class Facts:
    """Everything the card states."""

    figures: Figures
    parameters: int
    layers: int
    hidden: int
    context: int
    pieces: int  # trained on
    left_out: int  # versions of others
    steps: int
    tokens: int  # seen in training, repetitions counted
    minutes: float
    machine: str
    note: str  # about this very run; may be empty
    takes: Sequence[str]  # what each sample is


HEAD = """---
license: apache-2.0
pipeline_tag: text-generation
library_name: transformers
tags: [music, midi]
---

# Atelier starter model: sketch

A very small language model of notes that continues, fills in, varies, harmonises and adds tracks, trained from nothing
by `packaging/starters/sketch.py`. It exists so that the studio works at once and offline, and as something to
fine-tune; it is no match for a large model.

"""

USE = f"""## How to use it

Plain `transformers` (`AutoModelForCausalLM`); a Llama with tied embeddings. Its tokens are no text: what each id means
stands in `atelier_music.json`, how sequences are made of them in `studio/media/music/tokens.py`, with a worked
example. A sequence is a time line (metre, tempo, key, chords), the tracks with `FILL` in the bars to be written, and
behind `FILLS` a block for each of those; every task is such a fill. Only the first ids (`sampled` says how many) were
ever targets: the scores of the others mean nothing and have to be masked (`generation_config.json` suppresses them).
Temperature {TEMPERATURE:g} and top p {NUCLEUS:g} were used below.

"""

DATA = """## Training data

Only the `train` sides of these sets; nothing from `test` or `tune` was seen.

| set | what | licence |
|---|---|---|
| openscore_lieder | songs: voice and piano, one composer's all held back (OpenScore) | CC0 |
| openscore_quartets | string quartets (OpenScore) | CC0 |
| js_fakes | four-part chorales in Bach's style, synthetic (Omar Peracha, "JS Fake Chorales") | CC BY 4.0 |

Sequences were transposed by up to six semitones either way, within their instruments' ranges; in a quarter of them
instruments were exchanged for others that could play the notes (the sets know voice, piano, strings and little else).
Keys and chords were estimated by rule from the notes. Tempo, key, chords and attributes were left out at random, so
that each may be left out. There are no drums in the data. The weights are offered under Apache-2.0.

"""

LIMITS = """## What it cannot do

It knows songs, quartets and chorales of the eighteenth and nineteenth centuries, mostly European: no pop, jazz or
dance, no drums, no electronic textures, no performance timing finer than a twelfth of a beat, no pedals, bends or
lyrics. It sees at most {context:,} tokens (some two dozen bars of a song), so it has no plan for a whole piece.
Instruments that the sets lack were only met as replacements. Modulations and long-range form are weak; two voices may
run in parallel.

"""


def likeness_part(found: Figures) -> str:
    """The figures of takes beside those of real bars."""
    rows = []
    for name, one in found.likeness.items():
        times = one.distance / one.halves if one.halves else float("nan")
        rows.append(
            f"| {name} | {one.real:.4f} | {one.takes:.4f} | **{one.distance:.4f}** | {one.halves:.4f} | {times:.1f} |"
        )
    return (
        "| figure | real | takes | distance | of two halves of the real | times |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + f"\n\n{found.excerpts} excerpts of held-out pieces, {BARS} bars or the whole piece: {GIVEN} bars were given,"
        "\nthe rest was continued once (first seed) and measured beside the real bars. MusPy's definitions (entropy in"
        "\nbits; groove at 12 steps a quarter). Distance: 1-Wasserstein between the sets of values; the same between"
        "\ntwo random halves of the real bars (mean of 200 halvings). Closeness is the goal, not more or less.\n\n"
    )


def figures_part(found: Figures) -> str:
    """The held-out figures and how they were measured."""
    rows = [
        f"| {name} | **{one.nats_per_note:.3f}** | {one.nats_per_token:.3f} | {one.pieces} | {one.notes:,} |"
        for name, one in (("continuation", found.continued), ("infill", found.infilled))
    ]
    copied, real = found.copied, found.copied_real
    return (
        "## Held-out figures\n\n"
        "| task | nats a note | nats a token | pieces | notes |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n\nNegative log likelihood of everything that was asked for (positions, pitches, velocities, durations,"
        "\nends of bars), divided by its notes, through `transformers` from these weights. Continuation: the second"
        "\nhalf of the bars of all tracks. Infill: as in training, at most half the bars. One sequence a piece, as long"
        "\nas the context; neither key nor chords nor attributes told.\n\n"
        + likeness_part(found)
        + f"Copies: the longest run of notes a take shares with training, in any key and at any place, is"
        f"\n{copied.mean:.1f} notes in the mean ({copied.longest} at most); {copied.share:.1%} of the takes share"
        f"\nmore than {FLAG_NOTES}. Real bars of the same held-out pieces: {real.mean:.1f} ({real.longest} at most),"
        f"\n{real.share:.1%}. Repeated chords and scales make such runs too.\n\n"
    )


def training_part(facts: Facts) -> str:
    """Size and length of the training."""
    return (
        "## Training\n\n"
        f"{facts.parameters:,} parameters: {facts.layers} layers of {facts.hidden} units, rotary positions, grouped"
        f"\nheads, context {facts.context:,} tokens. {facts.pieces:,} pieces ({facts.left_out} versions of others"
        f"\nleft out); {facts.steps:,} steps, {facts.tokens / 1e6:.1f} million tokens with repetitions,"
        f"\n{facts.minutes:.0f} minutes on {facts.machine}. Three quarters of the sequences were infills of at"
        "\nmost half their bars (some with notes that stay), the others continuations, added tracks and harmonisations."
        "\nMuon for the matrices, AdamW for embedding and norms; attention within sequences only; the rate constant,"
        "\nthen falling to nothing; of all states the one with the best validation loss ships.\n\n"
        + (facts.note + "\n\n" if facts.note else "")
    )


def takes_part(takes: Sequence[str]) -> str:
    """What the samples are."""
    rows = "\n".join(f"- `take_{i}.mid` ({words})" for i, words in enumerate(takes))
    return (
        f"## {len(takes)} takes, not selected\n\nSeeds 0 to {len(takes) - 1}, the first drawn; the bars that were given"
        f" are part of each file.\n\n{rows}\n"
    )


def card(facts: Facts) -> str:
    """The whole card."""
    limits = LIMITS.format(context=facts.context)
    return (
        HEAD
        + figures_part(facts.figures)
        + USE
        + training_part(facts)
        + DATA
        + limits
        + takes_part(facts.takes)
    )
