"""Prompts for CLIP: weights of words, prompts longer than its window, layers left out.

A weight moves a token's embedding away from what an empty prompt has there: empty + weight * (own - empty), as
ComfyUI does. Longer prompts are read in windows of their own whose embeddings follow one another.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from studio.media.picture.prompting import plain, weighted

_KEEP = 8  # encoded prompts
_WINDOWS_MOST = 16  # of a prompt


@dataclass(frozen=True)
class Embedded:
    """A prompt as a network reads it: (1, tokens, width), and its one-vector summary where the family has one."""

    tokens: Tensor
    pooled: Tensor | None


@dataclass
class ClipReader:
    """Encodes prompts with a pipeline's one or two CLIP encoders (SD 1.x and 2.x, SDXL); remembers the latest."""

    pipe: Any
    _known: OrderedDict[tuple[Any, ...], Embedded] = field(default_factory=OrderedDict)

    @staticmethod
    def can(pipe: Any) -> bool:
        """Whether this pipeline's prompts go through CLIP alone."""
        return hasattr(pipe, "unet") and getattr(pipe, "tokenizer", None) is not None

    def forget(self) -> None:
        """Other adapters lie over the encoders now."""
        self._known.clear()

    def call_options(
        self, prompts: Sequence[str], negative: str, clip_skip: int, guided: bool
    ) -> dict[str, Any]:
        """What to call the pipeline with for these takes' prompts."""
        texts = [*prompts, negative] if guided else list(prompts)
        windows = max(self._windows(text) for text in dict.fromkeys(texts))
        read = {text: self._read(text, clip_skip, windows) for text in dict.fromkeys(prompts)}
        options = {"prompt_embeds": torch.cat([read[text].tokens for text in prompts])}
        if guided:
            no = self._negative(negative, read[prompts[0]], windows)
            options["negative_prompt_embeds"] = no.tokens.expand(len(prompts), -1, -1)
        if self._double:
            options["pooled_prompt_embeds"] = torch.cat([_pooled(read[text]) for text in prompts])
            if guided:
                options["negative_pooled_prompt_embeds"] = _pooled(no).expand(len(prompts), -1)
        return options

    @property
    def _double(self) -> bool:
        """SDXL: two encoders, the layer before the last, and a summary."""
        return getattr(self.pipe, "text_encoder_2", None) is not None

    def _encoders(self) -> list[tuple[Any, Any]]:
        pipe = self.pipe
        if not self._double:
            return [(pipe.tokenizer, pipe.text_encoder)]
        both = [(pipe.tokenizer, pipe.text_encoder), (pipe.tokenizer_2, pipe.text_encoder_2)]
        return [pair for pair in both if pair[1] is not None]

    def _negative(self, text: str, like: Embedded, windows: int) -> Embedded:
        """What to keep away from; SDXL reads an empty one as nothing at all. Its layers are never left out."""
        if not text and self._double and self.pipe.config.get("force_zeros_for_empty_prompt", False):
            return Embedded(torch.zeros_like(like.tokens), torch.zeros_like(_pooled(like)))
        return self._read(text, 0, windows)

    def _windows(self, text: str) -> int:
        """How many windows of its first tokenizer a prompt fills."""
        tokenizer, _ = self._encoders()[0]
        ids, _weights = _ids(tokenizer, text)
        room = tokenizer.model_max_length - 2
        return min(max(1, -(-len(ids) // room)), _WINDOWS_MOST)

    def _read(self, text: str, clip_skip: int, windows: int) -> Embedded:
        key = (text, clip_skip, windows)
        if key not in self._known:
            self._known[key] = self._encode(text, clip_skip, windows)
            while len(self._known) > _KEEP:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _encode(self, text: str, clip_skip: int, windows: int) -> Embedded:
        parts, pooled = [], None
        for tokenizer, encoder in self._encoders():
            tokens, summary = self._through(tokenizer, encoder, text, clip_skip, windows)
            parts.append(tokens)
            pooled = summary if summary is not None else pooled
        tokens = torch.cat(parts, dim=-1) if len(parts) > 1 else parts[0]
        kind = (self.pipe.text_encoder_2 if self._double else self.pipe.text_encoder).dtype
        return Embedded(tokens.to(kind), pooled)

    def _through(
        self, tokenizer: Any, encoder: Any, text: str, clip_skip: int, windows: int
    ) -> tuple[Tensor, Tensor | None]:
        """One encoder's embeddings (1, windows * length, width), and its summary of the first window."""
        ids, weights = _ids(tokenizer, text)
        rows, shares = _in_windows(tokenizer, ids, weights, windows)
        plain_weights = all(weight == 1.0 for weight in weights)
        if not plain_weights:
            rows = [*rows, _in_windows(tokenizer, [], [], 1)[0][0]]
        device = self.pipe._execution_device
        masks = torch.tensor(_masks(tokenizer, rows), device=device)
        masked = getattr(encoder.config, "use_attention_mask", False)
        found = encoder(
            torch.tensor(rows, device=device),
            attention_mask=masks if masked else None,
            output_hidden_states=True,
        )
        tokens = self._layer(encoder, found, clip_skip)
        summary = found[0][:1] if self._double and found[0].ndim == 2 else None
        if not plain_weights:
            share = torch.tensor(shares, device=tokens.device, dtype=tokens.dtype)[..., None]
            tokens = tokens[-1:] + share * (tokens[:-1] - tokens[-1:])
        return tokens.reshape(1, -1, tokens.shape[-1]), summary

    def _layer(self, encoder: Any, found: Any, clip_skip: int) -> Tensor:
        layers = found.hidden_states
        if self._double:
            return layers[-(min(clip_skip, len(layers) - 2) + 2)]
        if clip_skip == 0:
            return found[0]
        inner = getattr(encoder, "text_model", encoder)
        return inner.final_layer_norm(layers[-(min(clip_skip, len(layers) - 2) + 1)])


def _pooled(read: Embedded) -> Tensor:
    assert read.pooled is not None  # SDXL's second encoder always tells one
    return read.pooled


def _ids(tokenizer: Any, text: str) -> tuple[list[int], list[float]]:
    """The tokens of a prompt without start and end, and each one's weight."""
    pieces = weighted(text)
    if all(weight == 1.0 for _, weight in pieces):
        ids = tokenizer(plain(text), add_special_tokens=False, truncation=False, verbose=False).input_ids
        return list(ids), [1.0] * len(ids)
    ids, weights = [], []
    for piece, weight in pieces:
        own = tokenizer(piece, add_special_tokens=False, truncation=False, verbose=False).input_ids
        ids += own
        weights += [weight] * len(own)
    return ids, weights


def _in_windows(
    tokenizer: Any, ids: list[int], weights: list[float], windows: int
) -> tuple[list[list[int]], list[list[float]]]:
    """Rows of `model_max_length` tokens with start, end and padding, and the weights of their places."""
    length = tokenizer.model_max_length
    room = length - 2
    rows, shares = [], []
    for at in range(windows):
        own, own_weights = ids[at * room : (at + 1) * room], weights[at * room : (at + 1) * room]
        fill = length - 2 - len(own)
        row = [tokenizer.bos_token_id, *own, tokenizer.eos_token_id]
        rows.append(row + [tokenizer.pad_token_id] * fill)
        shares.append([1.0, *own_weights, 1.0] + [1.0] * fill)
    return rows, shares


def _masks(tokenizer: Any, rows: list[list[int]]) -> list[list[int]]:
    """1 up to each row's first end, 0 behind."""
    ends = [row.index(tokenizer.eos_token_id, 1) for row in rows]
    return [[int(at <= end) for at in range(len(row))] for row, end in zip(rows, ends, strict=True)]
