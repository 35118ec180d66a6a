"""Writes the picture model's folder as diffusers expects it, in half precision, and draws with it."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from picture_net import build_scheduler
from PIL import Image
from story_export import size
from transformers import CLIPTextModel, CLIPTokenizer

LIMIT = 12 * 2**20  # bytes the folder may take
STEPS, GUIDANCE = 20, 5.0
SIDE_PX = 128


def pipeline_of(
    vae: AutoencoderKL, unet: UNet2DConditionModel, text: CLIPTextModel, tokenizer: CLIPTokenizer
) -> StableDiffusionPipeline:
    """The parts as one pipeline; no safety checker, for it draws icons only."""
    pipe = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def tidy(folder: Path) -> None:
    """Give every file the same rights; the tokenizer's takes less room, settings name no folder of the maker's."""
    for file in (found for found in folder.rglob("*") if found.is_file()):
        file.chmod(0o644)
        if file.suffix == ".json":
            content = json.loads(file.read_text(encoding="utf-8"))
            content.pop("_name_or_path", None)
            indent = None if file.name == "tokenizer.json" else 2
            text = json.dumps(content, indent=indent, ensure_ascii=indent is not None)
            file.write_text(text + "\n", encoding="utf-8")


def export(pipe: StableDiffusionPipeline, folder: Path) -> None:
    """Write the pipeline's parts as fp16 safetensors into a new folder. The pipeline is rounded on the way."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in (pipe.vae, pipe.unet, pipe.text_encoder):
        part.half()
    pipe.save_pretrained(folder, safe_serialization=True)
    hints = {
        "steps": STEPS,
        "guidance": GUIDANCE,
        "size": [SIDE_PX, SIDE_PX],
    }  # where the studio's knobs begin
    (folder / "atelier.json").write_text(json.dumps(hints), encoding="utf-8")
    tidy(folder)
    if size(folder) > LIMIT:
        raise ValueError(f"model folder too large: {size(folder)} bytes")


def load(folder: Path) -> StableDiffusionPipeline:
    """The exported pipeline, its weights widened to 32 bits, on the CPU."""
    pipe = StableDiffusionPipeline.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, safety_checker=None
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def draw(
    pipe: StableDiffusionPipeline,
    prompts: Sequence[str],
    seed: int = 0,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    group: int = 16,
) -> np.ndarray:
    """One picture a prompt, uint8 (N, 128, 128, 3); picture i starts from seed + i whatever the group."""
    drawn = []
    for start in range(0, len(prompts), group):
        part = list(prompts[start : start + group])
        seeds = [torch.Generator().manual_seed(seed + start + i) for i in range(len(part))]
        made = pipe(
            part, num_inference_steps=steps, guidance_scale=guidance, generator=seeds, output_type="np"
        ).images
        drawn.append((made * 255).round().astype(np.uint8))
    return np.concatenate(drawn)


def sheet(pictures: np.ndarray, columns: int = 8) -> Image.Image:
    """Pictures, uint8 (N, H, W, 3), side by side in rows."""
    count, high, wide, _ = pictures.shape
    rows = -(-count // columns)
    ground = Image.new("RGB", (columns * wide, rows * high), "white")
    for i, picture in enumerate(pictures):
        ground.paste(Image.fromarray(picture), (i % columns * wide, i // columns * high))
    return ground
