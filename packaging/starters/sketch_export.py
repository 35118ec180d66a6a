"""Writes the music model's folder: half-precision weights, configuration and the description of its tokens."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from story_export import configuration, write_json
from story_model import StoryModel

from studio.worker.tune.music_words import Words

LIMIT = 7 * 2**20  # bytes the folder may take
TOKENS = "atelier_music.json"  # the description, in place of a tokenizer
TEMPERATURE, NUCLEUS = 1.0, 0.98
DRUMS = False  # the corpus has none: what the model would write for a kit is chance


def special(words: Words) -> dict[str, int]:
    """The ids that generic loops look for."""
    return {
        "bos_token_id": words["PIECE"],
        "eos_token_id": words["STOP"],
        "pad_token_id": words["PAD"],
    }


def generation(words: Words) -> dict[str, object]:
    """The contents of `generation_config.json`; given tokens are never sampled, they were never targets."""
    return {
        **special(words),
        "do_sample": True,
        "temperature": TEMPERATURE,
        "top_p": NUCLEUS,
        "suppress_tokens": list(range(words.sampled, words.size)),
    }


def export(model: StoryModel, words: Words, folder: Path) -> None:
    """Write the model's own files into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    weights = {name: value.detach().cpu().half() for name, value in model.state_dict().items()}
    if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
        raise ValueError("weights too large for half precision")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # as the other files; the library keeps it to the owner
    write_json(folder / "config.json", configuration(model.shape) | special(words) | {"dtype": "float16"})
    write_json(folder / "generation_config.json", generation(words))
    write_json(folder / TOKENS, words.description | {"drums": DRUMS})
