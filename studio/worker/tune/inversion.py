"""Textual inversion: vectors for a new word are learnt, the model stays as it is (arXiv 2208.01618)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.tuning import TuneSettings
from studio.worker.image.loading import ImageModel

_PAIRS: Final = (("tokenizer", "text_encoder"), ("tokenizer_2", "text_encoder_2"))
_WORD: Final = "<learned>"
_SPREAD: Final = 0.1  # of the words' own spread: how far the vectors lie apart at first


class Learned(nn.Module):
    """A table of token embeddings with vectors of its own for some new tokens; only those learn."""

    def __init__(self, table: nn.Module, first: int, start: Tensor) -> None:
        """`start` (V, D): what the tokens `first`, `first` + 1, ... are at first."""
        super().__init__()
        self.table = table.requires_grad_(False)
        self.first = first
        self.vectors = nn.Parameter(start.float())

    @property
    def weight(self) -> Tensor:
        """The table without the new tokens."""
        weight: Tensor = self.table.weight
        return weight

    def forward(self, ids: Tensor) -> Tensor:
        """Embeddings (..., D) of token ids."""
        own = (ids >= self.first) & (ids < self.first + len(self.vectors))
        known = self.table(ids.masked_fill(own, 0))
        mine = self.vectors[(ids - self.first).clamp(0, len(self.vectors) - 1)].to(known.dtype)
        return torch.where(own.unsqueeze(-1), mine, known)


def word_of(settings: TuneSettings) -> str:
    """The word that is learnt."""
    return settings.adapter.trigger or settings.image.trigger or _WORD


def install(model: ImageModel, settings: TuneSettings, captions: Iterable[str]) -> dict[str, Learned]:
    """Teach the model's tokenizers the word, and its CLIP encoders vectors for it, by encoder.

    They begin at the mean of the words of the captions. Raises StudioError when the word is one that the model knows
    already, or the model has no CLIP.
    """
    pipe, word = model.any_pipe(), word_of(settings)
    if not hasattr(pipe, "load_textual_inversion"):
        raise StudioError(
            f"{model.table.title} models cannot learn a word.", do="Choose another method.", code="cannot"
        )
    model.core.requires_grad_(False)
    count = settings.adapter.virtual_tokens
    names = [word, *(f"{word}_{at}" for at in range(1, count))]  # as diffusers names them when it loads them
    phrases = list(captions)
    made = {}
    for words, encoder in _PAIRS:
        if model.parts.get(encoder) is not None:
            made[encoder] = _install(model.parts[words], model.parts[encoder], names, phrases, settings.seed)
    return made


def _install(tokenizer: Any, encoder: Any, names: list[str], phrases: list[str], seed: int) -> Learned:
    table = encoder.get_input_embeddings()
    ids = tokenizer(phrases, add_special_tokens=False).input_ids if phrases else []
    known = len(tokenizer)
    tokenizer.add_tokens(names)
    first = int(tokenizer.convert_tokens_to_ids(names[0]))
    if tokenizer.convert_tokens_to_ids(names) != list(
        range(max(first, known), max(first, known) + len(names))
    ):
        raise StudioError(
            f"The model knows the word {names[0]} already.",
            do="Choose a word that no text has, such as <my-style>.",
            code="trigger",
        )
    seen = sorted({token for row in ids for token in row})
    rows = table.weight.detach().float()
    around = rows[seen] if seen else rows
    chance = torch.Generator("cpu").manual_seed(seed % 2**63)
    noise = torch.randn(len(names), rows.shape[1], generator=chance).to(rows.device)
    start = around.mean(0, keepdim=True) + _SPREAD * rows.std() * noise
    learned = Learned(table, first, start)
    encoder.set_input_embeddings(learned)
    return learned


def vectors(made: Mapping[str, Learned]) -> dict[str, Tensor]:
    """What was learnt, by encoder: float32 (V, D)."""
    return {encoder: learned.vectors.detach().clone() for encoder, learned in made.items()}
