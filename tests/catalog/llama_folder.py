"""A model folder in the Llama layout, written without torch."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 50, "hidden_size": 8,
    "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
    "max_position_embeddings": 64,
}  # fmt: skip


def write_folder(folder: Path, **changes: Any) -> Path:
    """Config (with `changes`), zero weights that fit the unchanged config, and a stub of a tokenizer file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}))
    (folder / "tokenizer.json").write_text(json.dumps({"model": {}, "added_tokens": []}))
    tensors = {"model.embed_tokens.weight": np.zeros((50, 8), np.float16)}
    for layer in range(2):
        tensors[f"model.layers.{layer}.mlp.up_proj.weight"] = np.zeros((12, 8), np.float16)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder
