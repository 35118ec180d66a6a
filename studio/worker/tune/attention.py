"""Attention over packed rows: every segment by itself, causally, through torch's fused kernel without any mask.

A mask that keeps segments apart would have all pairs of places in a row computed, most of them for nothing; by
segments the cost is that of the documents alone. Registered with transformers under a name of our own; where a call
has no segments (evaluation, generation, padded rows) it is transformers' own SDPA path.
"""

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

PACKED: Final = "atelier_packed"
SEGMENTS: Final = (
    "segments"  # the keyword with the segments' lengths, handed through the model to every layer
)
_TOLERANCE: Final = 1e-3


def register() -> None:
    """Make the path known to transformers under `PACKED`."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(PACKED, packed_attention)
    AttentionMaskInterface.register(PACKED, sdpa_mask)


def packed_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    segments: Sequence[int] | None = None,
    sliding_window: int | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attention of query (1, H, T, C) over key and value (1, K, T, C) within each segment; (1, T, H, C).

    Raises ValueError for a model that wants something the kernel lacks (soft caps, sinks, position biases).
    """
    if segments is None:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )
    for unable in ("softcap", "s_aux", "position_bias"):
        if kwargs.get(unable) is not None:
            raise ValueError(f"packed attention knows no {unable}")
    grouped = query.shape[1] != key.shape[1]
    parts = []
    for q, k, v in zip(*(x.split(list(segments), dim=2) for x in (query, key, value)), strict=True):
        mask = _band(q.shape[2], sliding_window, q.device) if sliding_window else None
        parts.append(
            functional.scaled_dot_product_attention(
                q,
                k,
                v,
                attn_mask=mask,
                dropout_p=dropout,
                is_causal=mask is None,
                scale=scaling,
                enable_gqa=grouped,
            )
        )
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


def _band(length: int, width: int, device: torch.device) -> Tensor | None:
    """What may be seen through a sliding window, bool (T, T); None where the window is no shorter than the segment."""
    if length <= width:
        return None
    places = torch.arange(length, device=device)
    behind = places[:, None] - places[None, :]
    return (behind >= 0) & (behind < width)


def packed_inputs(inputs: Tensor, segments: Sequence[int]) -> dict[str, Any]:
    """What a model is called with for one packed row int64 (1, T): each segment's positions begin at 0.

    The mask is a stand-in of four dimensions: transformers hands such a one through and builds none of its own.
    """
    positions = torch.cat([torch.arange(length) for length in segments])[None].to(inputs.device)
    return {
        "input_ids": inputs,
        "position_ids": positions,
        "attention_mask": torch.ones(1, 1, 1, 1, dtype=torch.bool, device=inputs.device),
        "use_cache": False,
        SEGMENTS: tuple(segments),
    }


def plainly(model: Any) -> None:
    """Have a model attend as transformers would by itself: through its SDPA path, where it knows that, else eagerly."""
    if getattr(model.config, "_attn_implementation", "") != PACKED:
        return
    try:
        model.set_attn_implementation("sdpa")
        with torch.no_grad():
            model(input_ids=torch.zeros(1, 2, dtype=torch.long, device=next(model.parameters()).device))
    except ValueError:  # what SDPA lacks, as soft caps
        model.set_attn_implementation("eager")


@torch.no_grad()
def packs_exactly(model: Any, vocabulary: int) -> bool:
    """Whether this model gives packed documents the logits they have alone: tried on three short ones.

    Models whose layers mix tokens by other means than attention, or carry positions another way, do not.
    """
    lengths = (7, 12, 5)
    device = next(model.parameters()).device
    ids = (torch.arange(sum(lengths), device=device) * 7919 + 13)[None] % vocabulary
    training = model.training
    model.eval()
    try:
        packed = model(**packed_inputs(ids, lengths)).logits[0].float()
        alone = torch.cat(
            [model(input_ids=part, use_cache=False).logits[0].float() for part in ids.split(lengths, 1)]
        )
    except (TypeError, ValueError, RuntimeError, AttributeError, IndexError):
        return False
    finally:
        model.train(training)
    scale = alone.abs().max().clamp(min=1.0)
    coarse = next(model.parameters()).dtype != torch.float32
    return bool((packed - alone).abs().max() <= scale * (0.05 if coarse else _TOLERANCE))
