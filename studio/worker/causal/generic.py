"""Any causal language model that transformers knows, behind the same small interface."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.catalog.card import ModelCard
from studio.core.errors import StudioError
from studio.worker.causal.adapted import Overlay, no_place
from studio.worker.causal.model import Tick
from studio.worker.causal.soft import Soft, in_order


class GenericModel:
    """A transformers model with a plain growing cache; a `CausalModel`.

    The cache keeps all tokens, also in sliding-window layers (the mask leaves out what is too far
    back), so a prompt's cache can be cut anywhere.
    """

    kernel = "torch"
    can = ("torch",)

    def __init__(self, model: Any, card: ModelCard, device: str) -> None:
        self.model = model
        self.family = card.family
        self.device = device
        self.dtype = str(model.dtype).removeprefix("torch.")
        self.parameters = card.parameters
        self.context_tokens = card.context_tokens
        self.vocab = int(model.get_output_embeddings().weight.shape[0])
        self._begun: Any = None  # the cache of virtual tokens before every prompt
        self._begun_tokens = 0
        self._own: dict[str, Tensor] = {}  # the weights that adapters changed, as they were

    def empty(self) -> Any:
        """See `CausalModel`."""
        from transformers import DynamicCache

        return DynamicCache() if self._begun is None else copy.deepcopy(self._begun)

    def laid(self, overlay: Overlay) -> "GenericModel":
        """A model with exactly this laid over it, on the same weights: without virtual tokens alone, this one is of no
        use any more, nor are its caches. Raises StudioError when something has no place.
        """
        if overlay.weighed:
            self._lay(overlay)
        with torch.inference_mode():
            return self.begun_with(overlay.soft)

    def _lay(self, overlay: Overlay) -> None:
        """Have exactly these changes lie over the weights, in place.

        Raises StudioError when one has no place; then the weights are as they were before any.
        """
        weights = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, own in self._own.items():
                weights[name].copy_(own)
            self._own.clear()
            missing = overlay.names - weights.keys()
            if missing:
                raise no_place(min(missing))
            for name in sorted(overlay.touched & weights.keys()):
                own = self._own[name] = weights[name].detach().clone()
                weights[name].copy_(overlay.laid(name, own))

    def begun_with(self, soft: Sequence[Soft]) -> "GenericModel":
        """See `soft.Beginning`."""
        from transformers import DynamicCache

        fresh = copy.copy(self)
        fresh._begun, fresh._begun_tokens, cache = None, 0, DynamicCache()
        for one in in_order(soft):
            fresh._begun_tokens += one.tokens
            if not one.kept:
                vectors = one.numbers.to(self.device, self.model.dtype)[None]
                self.model(inputs_embeds=vectors, past_key_values=cache, use_cache=True, logits_to_keep=1)
                continue
            layers, heads = kept_shape(self.model.config)
            keys, values = one.keys_and_values(layers, heads)
            for number in range(layers):
                pair = (part[number][None].to(self.device, self.model.dtype) for part in (keys, values))
                cache.update(*pair, number)
        fresh._begun = cache if fresh._begun_tokens else None
        fresh.context_tokens = self.context_tokens + self._begun_tokens - fresh._begun_tokens
        return fresh

    def extend(self, cache: Any, ids: Sequence[int]) -> Tensor:
        """See `CausalModel`."""
        row = torch.tensor([list(ids)], device=self.device)  # (1, T)
        out = self.model(input_ids=row, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return out.logits[0, -1].float()

    def cropped(self, cache: Any, tokens: int) -> Any:
        """See `CausalModel`."""
        from transformers import DynamicCache

        fresh, tokens = DynamicCache(), tokens + self._begun_tokens
        for number, layer in enumerate(cache.layers):
            fresh.update(layer.keys[:, :, :tokens].clone(), layer.values[:, :, :tokens].clone(), number)
        return fresh

    def cache_bytes(self, cache: Any) -> int:
        """See `CausalModel`."""
        return sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)

    def extend_all(self, cache: Any, ids: Sequence[int]) -> Tensor:
        """See `CausalModel`."""
        row = torch.tensor([list(ids)], device=self.device)  # (1, T)
        return self.model(input_ids=row, past_key_values=cache, use_cache=True).logits[0].float()

    def fork(self, cache: Any, rows: int, room: int, kernel: str = "") -> Any:
        """See `CausalModel`. The cache grows by itself; `room` is not needed."""
        del room, kernel
        forked = copy.deepcopy(cache)
        forked.batch_repeat_interleave(rows)
        return forked

    def takes_bytes(self, forked: Any) -> int:
        """See `CausalModel`."""
        return self.cache_bytes(forked)

    def step(self, forked: Any, ids: Any) -> Tensor:
        """See `CausalModel`."""
        ids = torch.as_tensor(ids, device=self.device)
        out = self.model(input_ids=ids[:, None], past_key_values=forked, use_cache=True, logits_to_keep=1)
        return out.logits[:, -1].float()

    def step_many(self, forked: Any, ids: Any) -> Tensor:
        """See `CausalModel`."""
        rows = torch.as_tensor(ids, device=self.device)
        return torch.stack([self.step(forked, row) for row in rows.unbind(1)], dim=1)

    def rewind(self, forked: Any, back: int) -> None:
        """See `CausalModel`."""
        forked.crop(-back)


def kept_shape(config: Any) -> tuple[int, int]:
    """Layers and key heads of the attention cache."""
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    return int(config.num_hidden_layers), int(heads)


def load_generic(card: ModelCard, device: str, dtype: torch.dtype, tick: Tick) -> GenericModel:
    """Read a model with transformers; no network, no pickle, no foreign code.

    Raises StudioError when transformers cannot build it or weights are missing.
    """
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    tick(0.1)
    folder = Path(card.path)
    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=dtype,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise StudioError(
            f"The model in {folder} could not be built: {str(error).strip().splitlines()[0][:300]}",
            do="Check that config.json and the weights belong together, or choose another model.",
            code="damaged_model",
        ) from error
    missing = sorted(report["missing_keys"])
    if missing:
        raise StudioError(
            f"The weights in {folder} are not complete: the tensor {missing[0]} is missing.",
            do="Copy or download config.json and the weights again, from the same place.",
            code="damaged_model",
        )
    tick(0.9)
    model = model.to(device).eval().requires_grad_(False)
    tick(1.0)
    return GenericModel(model, card, device)
