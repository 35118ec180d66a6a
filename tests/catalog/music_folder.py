"""A model folder of notes in the Llama layout, written without torch."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from studio.catalog.music import DESCRIPTION
from studio.media.music.vocabulary import SIZE, description
from tests.catalog.llama_folder import write_folder


def write_music_folder(folder: Path, *, drums: bool = False, context_tokens: int = 2048) -> Path:
    """Zero weights and the description of our tokens; `drums`: it was trained on some."""
    write_folder(folder, vocab_size=SIZE, max_position_embeddings=context_tokens)
    (folder / "tokenizer.json").unlink()
    (folder / DESCRIPTION).write_text(json.dumps({**description(), "drums": drums}))
    tensors = load_file(folder / "model.safetensors")
    tensors["model.embed_tokens.weight"] = np.zeros((SIZE, 8), np.float16)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder
