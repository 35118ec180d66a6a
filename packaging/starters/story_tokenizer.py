"""The tokenizer of the story model: byte-level BPE, so that every text survives the round trip unchanged."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

END, PREFIX, SUFFIX, MIDDLE = "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"
SPECIAL = (END, PREFIX, SUFFIX, MIDDLE, *(f"<|reserved_{i}|>" for i in range(4)))  # ids 0 to 7
END_ID, MIDDLE_ID = SPECIAL.index(END), SPECIAL.index(MIDDLE)
VOCABULARY = 4096
TALE_SHARE = 4  # one tale in this many (by slices) is used for learning the merges
SLICE = 4000  # characters of a tale handed over at a time


def learn(simple: list[str], tales: list[str], size: int = VOCABULARY) -> Tokenizer:
    """Learn the merges from all simple stories and a quarter of the tales."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    slices = [tale[i : i + SLICE] for tale in tales for i in range(0, len(tale), SLICE * TALE_SHARE)]
    tokenizer.train_from_iterator(simple + slices, trainer)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json`."""
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": END,
        "eos_token": END,
        "pad_token": END,
        "additional_special_tokens": list(SPECIAL[1:]),
        "add_bos_token": False,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": context,
    }
    text = json.dumps(settings, indent=2) + "\n"
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")
