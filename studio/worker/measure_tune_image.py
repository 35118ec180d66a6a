"""The trainer's figure for pictures: ours beside a loop as diffusers' examples have it, which encodes at each step."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import diffusers
import numpy as np
import peft
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from studio.core.tuning import ImageSettings, TuneSettings
from studio.media.dataset.found import Document
from studio.worker.measure_tune import RANK, RATE, prepared, settings_of
from studio.worker.tune.picture import PictureTraining

PLACES: Final = ("to_k", "to_q", "to_v", "to_out.0")
_STEPS: Final = 10
_BATCH: Final = 8


def measure_image(base: str, folder: str, pairs: int) -> dict[str, Any]:
    """Pictures a second of LoRA in interleaved pairs in one process: ours, and the plain loop in float32, with the same
    pictures, captions, size, batch, layers and threads. Ours encoded everything once before (`cache_s`, `pictures`).
    """
    settings = settings_of("image", base, folder, _STEPS, _BATCH)
    settings = settings.changed(
        adapter=settings.adapter.changed(targets=PLACES), image=ImageSettings(buckets=False)
    )
    with tempfile.TemporaryDirectory(prefix="atelier-measure-") as scratch:
        run = prepared(settings, Path(scratch))
        began = time.perf_counter()
        training = PictureTraining(run)
        cache_s = time.perf_counter() - began
        ours, plain = _ours(training), plain_loop(run.settings, run.survey.folder, run.survey.on("train"))
        ours(), plain()
        rates = []
        for number in range(pairs):
            turns = (ours, plain) if number % 2 == 0 else (plain, ours)
            first, second = (turn() for turn in turns)
            rates.append((first, second) if number % 2 == 0 else (second, first))
    return {
        "images_per_s": statistics.median(mine for mine, _ in rates),
        "plain_images_per_s": statistics.median(theirs for _, theirs in rates),
        "x_plain": statistics.median(mine / theirs for mine, theirs in rates),
        "cache_s": cache_s,
        "pictures": len(run.survey.on("train")),
        "precision": training.subject.precision,
        "threads": torch.get_num_threads(),
        "size": run.settings.image.size,
    }


def _ours(training: PictureTraining) -> Callable[[], float]:
    """Steps of the trainer, each time further ones."""
    training.subject.aside.put()
    next_step = iter(range(10**9))

    def run() -> float:
        began = time.perf_counter()
        pictures = sum(training.stepper.step(next(next_step)).pictures for _ in range(_STEPS))
        return pictures / (time.perf_counter() - began)

    return run


def plain_loop(settings: TuneSettings, folder: str, documents: tuple[Document, ...]) -> Callable[[], float]:
    """As in diffusers' train_text_to_image_lora.py, without a data loader of several processes."""
    pipe = diffusers.DiffusionPipeline.from_pretrained(
        settings.base, local_files_only=True, dtype=torch.float32
    )
    unet, noise_schedule = pipe.unet, diffusers.DDPMScheduler.from_config(pipe.scheduler.config)
    for part in (unet, pipe.vae, pipe.text_encoder):
        part.requires_grad_(False)
    unet.add_adapter(
        peft.LoraConfig(r=RANK, lora_alpha=RANK, init_lora_weights="gaussian", target_modules=list(PLACES))
    )
    weights = [weight for weight in unet.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=RATE)
    dice, size = random.Random(0), settings.image.size

    def step() -> None:
        batch = dice.sample(documents, _BATCH)
        pixels = torch.stack([_pixels(Path(folder, one.file), size) for one in batch])
        with torch.no_grad():
            latents = pipe.vae.encode(pixels).latent_dist.sample() * pipe.vae.config.scaling_factor
            ids = pipe.tokenizer(
                [one.caption for one in batch],
                max_length=pipe.tokenizer.model_max_length,
                padding="max_length",
                truncation=True,
                return_tensors="pt",
            ).input_ids
            states = pipe.text_encoder(ids)[0]
        noise = torch.randn_like(latents)
        times = torch.randint(0, noise_schedule.config.num_train_timesteps, (len(batch),))
        noisy = noise_schedule.add_noise(latents, noise, times)
        target = noise
        if noise_schedule.config.prediction_type == "v_prediction":
            target = noise_schedule.get_velocity(latents, noise, times)
        loss = functional.mse_loss(unet(noisy, times, states).sample.float(), target.float())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad()

    def run() -> float:
        unet.train()
        began = time.perf_counter()
        for _ in range(_STEPS):
            step()
        return _STEPS * _BATCH / (time.perf_counter() - began)

    return run


def _pixels(file: Path, size: int) -> Tensor:
    """A picture cut square in the middle, -1..1, (3, size, size)."""
    with Image.open(file) as picture:
        whole = picture.convert("RGB")
    side = min(whole.size)
    left, top = (whole.width - side) // 2, (whole.height - side) // 2
    square = whole.crop((left, top, left + side, top + side)).resize((size, size))
    return torch.from_numpy(np.asarray(square, np.float32) / 127.5 - 1.0).permute(2, 0, 1)
