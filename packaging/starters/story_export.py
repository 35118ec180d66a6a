"""Writes the model folder: half-precision weights, configuration and tokenizer, as transformers expects them."""

import json
import shutil
from pathlib import Path

import story_tokenizer
import torch
from safetensors.torch import load_file, save_file
from story_model import Shape, StoryModel
from story_tokenizer import END_ID
from tokenizers import Tokenizer

LIMIT = 11 * 2**20  # bytes the folder may take


def configuration(shape: Shape) -> dict[str, object]:
    """The contents of `config.json`."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocab,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "hidden_act": "silu",
        "max_position_embeddings": shape.context,
        "rms_norm_eps": shape.norm_eps,
        "rope_theta": shape.rope_theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.rope_theta},
        "attention_bias": False,
        "attention_dropout": 0.0,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": END_ID,
        "eos_token_id": END_ID,
        "initializer_range": 0.02,
        "use_cache": True,
        "dtype": "bfloat16",
    }


def generation() -> dict[str, object]:
    """The contents of `generation_config.json`."""
    return {
        "bos_token_id": END_ID,
        "eos_token_id": END_ID,
        "pad_token_id": END_ID,
        "do_sample": True,
        "temperature": 0.7,
        "top_p": 0.95,
    }


def write_json(file: Path, content: dict[str, object]) -> None:
    """Write one settings file."""
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def export(model: StoryModel, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the model's own files into a new folder."""
    folder.mkdir(parents=True)
    weights = {name: value.detach().cpu().to(torch.bfloat16) for name, value in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # as the other files; the library keeps it to the owner
    write_json(folder / "config.json", configuration(model.shape))
    write_json(folder / "generation_config.json", generation())
    story_tokenizer.save(tokenizer, folder, model.shape.context)


def load(folder: Path) -> StoryModel:
    """Read an exported model back into the training class, its weights widened to 32 bits."""
    found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        vocab=found["vocab_size"],
        hidden=found["hidden_size"],
        layers=found["num_hidden_layers"],
        heads=found["num_attention_heads"],
        kv_heads=found["num_key_value_heads"],
        head_dim=found["head_dim"],
        inner=found["intermediate_size"],
        context=found["max_position_embeddings"],
        rope_theta=found["rope_theta"],
        norm_eps=found["rms_norm_eps"],
    )
    model = StoryModel(shape)
    model.load_state_dict({n: w.float() for n, w in load_file(folder / "model.safetensors").items()})
    return model.eval()


def size(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def put_in_place(fresh: Path, folder: Path, limit: int = LIMIT) -> None:
    """Let a finished folder take the place of the old one; readers never see a half-written one."""
    if size(fresh) > limit:
        raise ValueError(f"model folder too large: {size(fresh)} bytes")
    folder.parent.mkdir(parents=True, exist_ok=True)
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    fresh.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
