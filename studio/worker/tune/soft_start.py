"""Learnt tokens begin as real ones: the traces that tokens of the model's own vocabulary leave in it."""

from collections.abc import Sequence
from typing import Any, Final

import torch
from peft import PeftType
from torch import Tensor

_ADAPTER: Final = "default"


def begin_with(prepared: Any, start: Sequence[int]) -> None:
    """Set the learnt tokens of a prefix or prompt to those of `start`, over and over until there are enough.

    Without any, to tokens drawn from the vocabulary. Random numbers instead lie outside all that the model has seen,
    and it takes hundreds of steps to make up for that.
    """
    config = prepared.peft_config[_ADAPTER]
    base = prepared.get_base_model()
    table = base.get_input_embeddings()
    ids = torch.tensor(list(start), dtype=torch.long)
    if not len(ids):
        ids = torch.randint(table.weight.shape[0], (config.num_virtual_tokens,))
    ids = ids.repeat(-(-config.num_virtual_tokens // len(ids)))[: config.num_virtual_tokens]
    ids = ids.to(table.weight.device)
    with torch.no_grad():
        traces = _kept(base, ids) if config.peft_type == PeftType.PREFIX_TUNING else table(ids)
        learnt = prepared.prompt_encoder[_ADAPTER].embedding.weight
        if traces.shape == learnt.shape:  # layers of several widths (Gemma 4) begin at random
            learnt.copy_(traces)


def _kept(base: Any, ids: Tensor) -> Tensor:
    """What these tokens leave in the attention cache, as peft keeps a prefix: (tokens, layers * 2 * heads * size)."""
    was_training = base.training
    base.eval()
    cache = base(input_ids=ids[None], use_cache=True).past_key_values
    base.train(was_training)
    rows = [
        kept[0].transpose(0, 1) for layer in cache.layers for kept in (layer.keys, layer.values)
    ]  # (V, H, D)
    if len({row.shape for row in rows}) > 1:
        return torch.empty(0)
    return torch.stack(rows, dim=1).flatten(1)  # (V, 2 * layers, H, D) -> (V, all)
