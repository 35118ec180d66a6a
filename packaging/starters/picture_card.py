"""Writes the picture model's card: what was measured, what went in, the contact sheet, what it cannot do."""

from dataclasses import dataclass

from picture_export import GUIDANCE, STEPS
from picture_figures import Figures
from picture_prompts import PROMPTS


@dataclass(frozen=True)
class Facts:
    """Everything the card states."""

    figures: Figures
    parameters: dict[str, int]
    icons: int  # trained on
    steps: int
    batch: int
    favour: float  # how much oftener common things were drawn
    minutes: float
    machine: str
    note: str  # about this very run; may be empty


HEAD = """---
license: apache-2.0
language: en
pipeline_tag: text-to-image
library_name: diffusers
---

# Atelier starter model: picture

A very small latent diffusion model that draws icons of 128 x 128 pixels on white from a short phrase, trained
from nothing by `packaging/starters/picture.py`. It exists so that the studio works at once and offline, and as
something to fine-tune; it is no match for a large model.

"""

USE = f"""## How to use it

Plain `diffusers` (`StableDiffusionPipeline` or `AutoPipelineForText2Image`), 128 x 128, {STEPS} steps, guidance
{GUIDANCE:g}. It foresees velocities and was trained down to no signal at all, so schedulers have to keep
`prediction_type="v_prediction"`, `rescale_betas_zero_snr=true` and `timestep_spacing="trailing"`. Latents are
6 x 16 x 16 with a spread of about one; `scaling_factor` is 1, the scaling stands in the VAE's own weights.

Phrases: a thing, with or without an article ("a red heart"), colours, and at the end a style if you like:
`noto emoji, soft shaded cartoon`; `3d render, glossy`; `flat vector illustration`; `blob emoji, rounded cartoon`;
`flat color ui icon`. At most 30 tokens count.

"""

DATA = """## Training data

Only the `train` sides of these sets; nothing from `test` was seen, nor the held-out pairs, nor captions that
name a brand. All pictures stand on white.

| set | what | licence |
|---|---|---|
| noto | Noto emoji | Apache-2.0 |
| fluent_3d, fluent_flat | Fluent emoji, two styles | MIT |
| blobmoji | Blobmoji | Apache-2.0 |
| flat_color_icons | flat colour icons | MIT |

Simple things (fruits, animals, hearts, faces, vehicles) were drawn oftener than others (factor above),
and near-duplicates (families, clocks, persons in many variants) less often. Pictures were mirrored only where left and
right, letters, hands or flags play no part. The weights are offered under Apache-2.0.

"""

LIMITS = """## What it cannot do

It knows some 1,800 things of the emoji world, on a white ground, one at a time: no scenes, no counting, no
writing, no photographs, no likeness of anybody. Small parts (eyes, letters, spokes) smear. Things it has not seen
come out as something near in name or shape. Its idea of people is that of emoji.

"""


def figures_part(found: Figures) -> str:
    """The held-out figures and how they were measured."""
    return (
        "## Held-out figures\n\n"
        "| figure | value |\n|---|---|\n"
        f"| VAE, reconstruction of {found.tests} test pictures | **{found.psnr_db:.2f} dB** PSNR |\n"
        f"| denoising loss, test captions | **{found.denoising_test:.4f}** |\n"
        f"| denoising loss, the same pictures under the empty phrase | {found.denoising_blind:.4f} |\n"
        f"| denoising loss, {found.held} held-out pairs | **{found.denoising_held:.4f}** |\n"
        f"| retrieval, drawn pictures | **{found.drawn['first']:.1%}** first, {found.drawn['five']:.1%} among five |\n"
        f"| retrieval, real pictures | {found.real['first']:.1%} first, {found.real['five']:.1%} among five |\n"
        f"| one take, {STEPS} steps, guided | {found.take_s:.2f} s |\n\n"
        "All through the real `StableDiffusionPipeline` from this folder: weights in half precision, reckoned in 32"
        "\nbits. PSNR: mean over pictures, 8 bits a channel. Denoising loss: mean squared velocity error over noise"
        "\nlevels spread evenly. Retrieval: a small contrastive scorer, trained on the same pictures, picks the phrase"
        f"\namong those of all {found.held} held-out (thing, style) pairs; training saw each thing in another style,"
        "\nnever in this one. First seed each, nothing selected. The text encoder began from the scorer's reader.\n\n"
    )


def training_part(facts: Facts) -> str:
    """Size and length of the training."""
    sizes = ", ".join(f"{name} {count:,}" for name, count in facts.parameters.items())
    return (
        "## Training\n\n"
        f"Parameters: {sizes}. {facts.icons:,} icons; {facts.steps:,} steps of {facts.batch} (UNet and text"
        f"\nencoder together), {facts.minutes:.0f} minutes on {facts.machine}. Muon for matrices and convolutions,"
        "\nAdamW for the rest; the mean of the weights over time ships. A tenth of the phrases were empty;"
        f"\nsimple, common things were drawn {facts.favour:g} times as often as others.\n\n"
        + (facts.note + "\n\n" if facts.note else "")
    )


def sheet_part() -> str:
    """The contact sheet and its prompts in reading order."""
    rows = [", ".join(f"*{prompt}*" for prompt in PROMPTS[i : i + 8]) for i in range(0, len(PROMPTS), 8)]
    return (
        f"## {len(PROMPTS)} pictures, not selected\n\n"
        "Picture n starts from seed n (0 to 63), the first drawn.\n\n![contact sheet](sheet.webp)\n\n"
        + "\n".join(f"{i + 1}. {row}" for i, row in enumerate(rows))
        + "\n"
    )


def card(facts: Facts) -> str:
    """The whole card."""
    return HEAD + figures_part(facts.figures) + USE + training_part(facts) + DATA + LIMITS + sheet_part()
