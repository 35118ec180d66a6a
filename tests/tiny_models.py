"""Tiny random models in transformers' layout, made from real configs, with a real small tokenizer."""

import json
from pathlib import Path
from typing import Any

LINES = (
    "Once upon a time there was a little fox who lived near the old mill.",
    "The fox liked to sing. Every morning it sang to the river, and the river sang back.",
    "“Who is there?” asked the owl. “Only me,” said the fox, and smiled.",
    "It was cold – very cold! – and the naïve young fox had no coat… 狐狸在唱歌。",
    "One day, a girl named Mia came to the mill. She had a red hat and a blue bag.",
)
MARKS = ("<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|pad|>")
VOCAB = 420
FAMILIES = ("llama", "qwen3", "gemma", "mistral", "gpt2", "phi")
_PLAIN: dict[str, Any] = {
    "vocab_size": VOCAB, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256,
}  # fmt: skip


def write_tokenizer(folder: Path, *, fill_in: bool = True) -> None:
    """A byte-level BPE tokenizer of `VOCAB` tokens, or a few less."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB,
        special_tokens=list(MARKS if fill_in else MARKS[:1]),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES * 4, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "eos_token": "<|endoftext|>",
        "bos_token": "<|endoftext|>",
        "tokenizer_class": "TokenizersBackend",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def config_of(family: str, **changes: Any) -> Any:
    """A tiny transformers config of one of `FAMILIES`."""
    import transformers

    ends = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
    plain = {**_PLAIN, **ends, **changes}
    match family:
        case "llama":
            return transformers.LlamaConfig(**plain)
        case "qwen3":
            return transformers.Qwen3Config(**{"head_dim": 16, **plain})
        case "gemma":
            return transformers.GemmaConfig(**{"head_dim": 8, **plain})
        case "mistral":
            return transformers.MistralConfig(**{"sliding_window": 24, **plain})
        case "phi":
            return transformers.PhiConfig(**plain)
        case "gpt2":
            sizes = {"vocab_size": VOCAB, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256}
            return transformers.GPT2Config(**{**sizes, **ends, **changes})
        case _:
            raise ValueError(family)


def make_model(
    folder: Path, family: str = "llama", *, fill_in: bool = True, seed: int = 0, **changes: Any
) -> Path:
    """Write a tiny random model of that family; its folder."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    write_tokenizer(folder, fill_in=fill_in)
    torch.manual_seed(seed)
    model = transformers.AutoModelForCausalLM.from_config(config_of(family, **changes))
    for weight in model.parameters():  # livelier than the usual start, so that tokens are told apart
        if weight.ndim > 1:
            weight.data.normal_(0.0, 0.3)
    model.save_pretrained(folder)
    return folder


def make_music_model(folder: Path, *, context: int = 1024, **changes: Any) -> Path:
    """Write a tiny random model of notes; its folder."""
    from studio.catalog.music import DESCRIPTION
    from studio.media.music.vocabulary import SIZE, description

    make_model(folder, "llama", vocab_size=SIZE, max_position_embeddings=context, **changes)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    (folder / DESCRIPTION).write_text(json.dumps(description()))
    return folder


def config_on_disk(folder: Path) -> dict[str, Any]:
    """The config.json of a model folder."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text())
    return config
