"""The picture model's figures, all through the exported folder: reconstruction, denoising, retrieval, seconds."""

import time
from dataclasses import dataclass
from statistics import median

import numpy as np
from diffusers import StableDiffusionPipeline
from picture_export import draw
from picture_feed import Feed
from picture_scorer import Scorer, retrieval
from picture_train import denoising
from picture_vae import psnr

LOOKS = 5  # takes timed


@dataclass(frozen=True)
class Figures:
    """What the card states."""

    psnr_db: float  # of the VAE's round trip on test pictures
    denoising_test: float  # mean squared velocity error under captions never trained on
    denoising_held: float  # the same on (thing, style) pairs held out
    denoising_blind: float  # the same on test pictures under the empty phrase
    tests: int
    held: int
    drawn: dict[str, float]  # retrieval of held-out pairs' phrases from drawn pictures
    real: dict[str, float]  # the same from the real pictures
    take_s: float  # one take, guided, 20 steps


def take_seconds(pipe: StableDiffusionPipeline, steps: int) -> float:
    """Median seconds of one guided take after a first one."""
    took = []
    for seed in range(LOOKS + 1):
        began = time.perf_counter()
        draw(pipe, ["a red heart"], seed, steps)
        took.append(time.perf_counter() - began)
    return median(took[1:])


def held_rows(feed: Feed) -> np.ndarray:
    """Rows of held-out (thing, style) pairs; each thing is seen in training in another style."""
    return feed.side("held")


def measure(pipe: StableDiffusionPipeline, feed: Feed, scorer: Scorer, steps: int) -> Figures:
    """All figures of an exported pipeline, reckoned in 32 bits. `steps`: of each drawing."""
    tests, held = feed.side("test"), held_rows(feed)
    wanted = feed.plain(held)
    phrases = [f"{feed.pictures[i].caption}, {feed.pictures[i].style}" for i in held]
    blind = feed.plain(tests)
    empty = type(blind)(blind.latents, feed.tokens([""] * len(tests)))
    return Figures(
        psnr_db=psnr(pipe.vae, feed.pixels[tests]),
        denoising_test=denoising(pipe.unet, pipe.text_encoder, blind),
        denoising_held=denoising(pipe.unet, pipe.text_encoder, wanted),
        denoising_blind=denoising(pipe.unet, pipe.text_encoder, empty),
        tests=len(tests),
        held=len(held),
        drawn=retrieval(scorer, draw(pipe, phrases, steps=steps), wanted.tokens),
        real=retrieval(scorer, np.asarray(feed.pixels[held]), wanted.tokens),
        take_s=take_seconds(pipe, steps),
    )
