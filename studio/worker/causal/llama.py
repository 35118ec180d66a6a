"""A lean Llama decoder: few torch calls a token, no transformers import.

Source: the Llama architecture as transformers 5 computes it (RMSNorm, rotary positions, grouped
heads, SwiGLU). Shapes: N rows, T tokens, S positions so far, D hidden units, H query heads, K key
heads, C units a head, I inner units, V vocabulary.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from torch import Tensor
from torch.nn import functional

from studio.worker.causal.adapted import AdaptedFiles, Overlay
from studio.worker.causal.compiled import kernels_file, load_kernels
from studio.worker.causal.llama_shape import LlamaShape
from studio.worker.causal.matrix import Matrix
from studio.worker.causal.model import Tick
from studio.worker.causal.native import NativeStep, NativeTakes, WeightStack
from studio.worker.causal.soft import Soft, in_order
from studio.worker.causal.weights import WeightFiles

NATIVE, TORCH = "native", "torch"
_STORED_BYTES = 4  # a weight as its file has it, at most
_PART_OF_FREE = 4  # a second copy of the weights may take this part of the free memory
_GROW_TOKENS = 256
_SPARE_TENSORS = ("rotary_emb.inv_freq",)


@dataclass
class Layer:
    """One block's fused matrices; the norms' weights are multiplied into them."""

    qkv: Matrix  # (H + 2K) C x D
    out: Matrix  # D x HC
    gate_up: Matrix  # 2I x D
    down: Matrix  # D x I


@dataclass
class PromptCache:
    """Keys and values of one prompt: (L, 2K, room, C), keys first."""

    layers: Tensor
    tokens: int = 0


@dataclass
class TakesCache:
    """Keys and values of N takes: a tensor (N, 2K, room, C) a layer, keys first."""

    layers: list[Tensor]
    tokens: int


class LeanLlama:
    """A plain Llama for inference; a `CausalModel`."""

    family = "llama"

    def __init__(
        self, shape: LlamaShape, files: WeightFiles, device: str, dtype: torch.dtype, tick: Tick
    ) -> None:
        """Reads the weights. Raises StudioError when a tensor is missing or has another shape."""
        self.shape = shape
        self.device = device
        self.dtype = str(dtype).removeprefix("torch.")
        self.vocab = shape.vocab
        self.context_tokens = shape.context
        self._type = dtype
        self._floor = torch.full((1,), math.sqrt(shape.hidden * shape.eps), device=device)
        self._positions = torch.empty(0, shape.head_dim // 2)
        self._begun: PromptCache | None = None  # virtual tokens before every prompt
        small = files.parameters * _STORED_BYTES <= psutil.virtual_memory().available // _PART_OF_FREE
        self._load(files, small and device == "cpu" and dtype == torch.float32, tick)
        self._native: NativeStep | None = None
        self._kernels_file: Path | None = None
        self.settle_kernel()
        self.parameters = files.parameters

    def settle_kernel(self) -> None:
        """Take the compiled step where it has been made on this computer by now."""
        if self._native is None and self._weights is not None:
            self._kernels_file = self._kernels_file or kernels_file(self._weights.kind)
            kernels = load_kernels(self._kernels_file)
            self._native = NativeStep(self.shape, self._weights, kernels) if kernels else None

    @property
    def kernel(self) -> str:
        """See `CausalModel`."""
        return NATIVE if self._native is not None else TORCH

    @property
    def native(self) -> NativeStep | None:
        """The compiled step, where it has been made."""
        return self._native

    @property
    def can(self) -> tuple[str, ...]:
        """See `CausalModel`."""
        return (TORCH, NATIVE) if self._native is not None else (TORCH,)

    @property
    def missing_kernels(self) -> str:
        """The number type for which a compiled step could be made; "" when it is there or of no use."""
        return self._weights.kind if self._weights is not None and self._native is None else ""

    # loading

    def _load(self, files: WeightFiles, wanted: bool, tick: Tick) -> None:
        """Read all tensors; `wanted`: keep them also as they are in the files, for the compiled step."""
        s = self.shape

        def take(name: str, *size: int) -> Tensor:
            return files.take(name, size)

        def ready(tensor: Tensor) -> Tensor:
            return tensor.to(self.device, self._type)

        embed = take("model.embed_tokens.weight", s.vocab, s.hidden)
        self._embed = ready(embed)
        # RMS norm: x sqrt(D) w / sqrt(|x|^2 + D eps); sqrt(D) w goes into the matrix that follows
        lift = math.sqrt(s.hidden)
        self._layers = []
        norms: list[Tensor] = []
        stack = WeightStack(s.layers, embed.dtype, wanted)
        for number in range(s.layers):
            name = f"model.layers.{number}."
            norm = take(name + "input_layernorm.weight", s.hidden)
            q = self._paired(take(name + "self_attn.q_proj.weight", s.heads * s.head_dim, s.hidden))
            k = self._paired(take(name + "self_attn.k_proj.weight", s.kv_heads * s.head_dim, s.hidden))
            v = take(name + "self_attn.v_proj.weight", s.kv_heads * s.head_dim, s.hidden)
            out = take(name + "self_attn.o_proj.weight", s.hidden, s.heads * s.head_dim)
            norm_feed = take(name + "post_attention_layernorm.weight", s.hidden)
            gate = take(name + "mlp.gate_proj.weight", s.inner, s.hidden)
            up = take(name + "mlp.up_proj.weight", s.inner, s.hidden)
            down = take(name + "mlp.down_proj.weight", s.hidden, s.inner)
            stack.put("qkv", number, q, k, v)
            stack.put("out", number, out)
            stack.put("gate_up", number, gate, up)
            stack.put("down", number, down)
            norms += (norm.float() * lift, norm_feed.float() * lift)
            qkv = torch.cat((ready(q), ready(k), ready(v))) * (ready(norm) * lift)
            gate_up = torch.cat((ready(gate), ready(up))) * (ready(norm_feed) * lift)
            self._layers.append(Layer(Matrix(qkv), Matrix(ready(out)), Matrix(gate_up), Matrix(ready(down))))
            tick((number + 1) / (s.layers + 1))
        last = take("model.norm.weight", s.hidden)
        norms.append(last.float() * lift)
        self._norm = ready(last) * lift
        head = None if s.tied else take("lm_head.weight", s.vocab, s.hidden)
        self._head = Matrix(self._embed if head is None else ready(head))
        files.finish(_SPARE_TENSORS + (("lm_head.weight",) if s.tied else ()))
        self._weights = stack.weights(embed, head, norms)
        tick(1.0)

    def _paired(self, weight: Tensor) -> Tensor:
        """Rows of q or k so reordered that the two halves of a rotary pair lie side by side."""
        s = self.shape
        halves = weight.view(-1, 2, s.head_dim // 2, s.hidden)
        return halves.transpose(1, 2).reshape(weight.shape)

    # rotary positions

    def _turns(self, start: int, tokens: int) -> Tensor:
        """The rotations of these positions, complex (tokens, 1, C/2)."""
        if len(self._positions) < start + tokens:
            room = -(-(start + tokens) // _GROW_TOKENS) * _GROW_TOKENS
            s = self.shape
            steps = torch.arange(0, s.head_dim, 2, dtype=torch.int64).float() / s.head_dim
            angle = torch.outer(torch.arange(room).float(), 1.0 / s.theta**steps)
            self._positions = torch.polar(torch.ones_like(angle), angle).to(self.device)
        return self._positions[start : start + tokens, None]

    def _rotate(self, heads: Tensor, turns: Tensor) -> None:
        """Turn heads (..., H + K, C) by their positions, in place."""
        if heads.dtype == torch.float32:
            torch.view_as_complex(heads.unflatten(-1, (-1, 2))).mul_(turns)
            return
        wide = torch.view_as_complex(heads.float().unflatten(-1, (-1, 2))) * turns
        heads.copy_(torch.view_as_real(wide).flatten(-2))

    def _normed(self, x: Tensor) -> Tensor:
        """x / sqrt(|x|^2 + D eps), (..., D); the rest of the norm is in the next matrix."""
        size = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        return (x / torch.hypot(size, self._floor)).to(x.dtype)

    def _feed(self, layer: Layer, x: Tensor) -> Tensor:
        """The gated feed-forward with its residual, (T, D) to (T, D)."""
        both = layer.gate_up(self._normed(x))  # (T, 2I)
        gate, up = both[:, : self.shape.inner], both[:, self.shape.inner :]
        return layer.down.add(functional.silu(gate).mul_(up), x)

    def _logits(self, x: Tensor) -> Tensor:
        return self._head(self._normed(x) * self._norm).float()

    # the interface

    def empty(self) -> PromptCache:
        """See `CausalModel`."""
        if self._begun is not None:
            return PromptCache(self._begun.layers.clone(), self._begun.tokens)
        return PromptCache(self._room(0))

    def begun_with(self, soft: Sequence[Soft]) -> "LeanLlama":
        """See `soft.Beginning`."""
        s, fresh = self.shape, copy.copy(self)
        cache = PromptCache(self._room(0))
        for one in in_order(soft):
            if not one.kept:
                fresh._read_vectors(cache, one.numbers.to(self.device, self._type))
                continue
            keys, values = one.keys_and_values(s.layers, s.kv_heads)
            end = cache.tokens + one.tokens
            self._grow(cache, end)
            paired = keys.unflatten(-1, (2, -1)).transpose(-1, -2).flatten(-2)  # as `_paired` has them
            cache.layers[:, : s.kv_heads, cache.tokens : end] = paired.to(self.device, self._type)
            cache.layers[:, s.kv_heads :, cache.tokens : end] = values.to(self.device, self._type)
            cache.tokens = end
        fresh._begun = cache if cache.tokens else None
        fresh.context_tokens = s.context - cache.tokens
        return fresh

    def _room(self, tokens: int) -> Tensor:
        s = self.shape
        size = (s.layers, 2 * s.kv_heads, tokens, s.head_dim)
        return torch.empty(size, device=self.device, dtype=self._type)

    def extend(self, cache: PromptCache, ids: Sequence[int]) -> Tensor:
        """See `CausalModel`."""
        return self._logits(self._read(cache, ids)[-1:])[0]

    def extend_all(self, cache: PromptCache, ids: Sequence[int]) -> Tensor:
        """See `CausalModel`."""
        return self._logits(self._read(cache, ids))

    def _read(self, cache: PromptCache, ids: Sequence[int]) -> Tensor:
        """Hidden states (T, D) of T more tokens."""
        return self._read_vectors(
            cache, functional.embedding(torch.tensor(ids, device=self.device), self._embed)
        )

    def _read_vectors(self, cache: PromptCache, x: Tensor) -> Tensor:
        """The same of what tokens are embedded as, (T, D)."""
        s, start, t = self.shape, cache.tokens, len(x)
        end, group = start + t, s.heads // s.kv_heads
        if cache.layers.shape[2] < end:
            self._grow(cache, end)
        turns = self._turns(start, t)
        seen = torch.ones(t, end, dtype=torch.bool, device=self.device).tril(start)
        mask = torch.zeros(t, end, device=self.device, dtype=self._type).masked_fill_(~seen, -torch.inf)
        mask = mask.repeat(group, 1)  # (G T, S): the heads of a group are handled as more queries
        for layer, kept in zip(self._layers, cache.layers, strict=True):
            qkv = layer.qkv(self._normed(x)).view(t, -1, s.head_dim)  # (T, H + 2K, C)
            self._rotate(qkv[:, : s.heads + s.kv_heads], turns)
            kept[:, start:end] = qkv[:, s.heads :].transpose(0, 1)
            q = qkv[:, : s.heads].transpose(0, 1).reshape(1, s.kv_heads, group * t, s.head_dim)
            k, v = kept[None, : s.kv_heads, :end], kept[None, s.kv_heads :, :end]
            mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (1, K, G T, C)
            mixed = mixed.view(s.heads, t, s.head_dim).transpose(0, 1).reshape(t, -1)
            x = self._feed(layer, layer.out.add(mixed, x))
        cache.tokens = end
        return x

    def _grow(self, cache: PromptCache, tokens: int) -> None:
        """Make room for `tokens` tokens, in whole blocks."""
        room = -(-tokens // _GROW_TOKENS) * _GROW_TOKENS
        fresh = self._room(room)
        fresh[:, :, : cache.tokens] = cache.layers[:, :, : cache.tokens]
        cache.layers = fresh

    def cropped(self, cache: PromptCache, tokens: int) -> PromptCache:
        """See `CausalModel`."""
        tokens += self._begun.tokens if self._begun is not None else 0
        return PromptCache(cache.layers[:, :, :tokens].clone(), tokens)

    def cache_bytes(self, cache: PromptCache) -> int:
        """See `CausalModel`."""
        return cache.layers.nbytes

    def fork(self, cache: PromptCache, rows: int, room: int, kernel: str = "") -> TakesCache | NativeTakes:
        """See `CausalModel`."""
        if self._native is not None and kernel in ("", NATIVE):
            self._turns(cache.tokens, room + 1)
            self._native.turns(self._positions)
            return self._native.fork(cache.layers, cache.tokens, rows, room)
        layers = []
        for kept in cache.layers:
            fresh = kept.new_empty(rows, kept.shape[0], cache.tokens + room, kept.shape[2])
            fresh[:, :, : cache.tokens] = kept[:, : cache.tokens]
            layers.append(fresh)
        return TakesCache(layers, cache.tokens)

    def takes_bytes(self, forked: TakesCache | NativeTakes) -> int:
        """See `CausalModel`."""
        if isinstance(forked, NativeTakes):
            return forked.nbytes
        return sum(kept.nbytes for kept in forked.layers)

    def step(self, forked: TakesCache | NativeTakes, ids: Tensor) -> Tensor:
        """See `CausalModel`."""
        if isinstance(forked, NativeTakes):
            assert self._native is not None
            return torch.from_numpy(self._native.step(forked, numbers(ids)))
        ids = torch.as_tensor(ids, device=self.device)
        s, n, at = self.shape, ids.shape[0], forked.tokens
        end, group = at + 1, s.heads // s.kv_heads
        turns = self._turns(at, 1)
        x = functional.embedding(ids, self._embed)  # (N, D)
        for layer, kept in zip(self._layers, forked.layers, strict=True):
            qkv = layer.qkv(self._normed(x)).view(n, -1, s.head_dim)  # (N, H + 2K, C)
            self._rotate(qkv[:, : s.heads + s.kv_heads], turns)
            kept[:, :, at] = qkv[:, s.heads :]
            q = qkv[:, : s.heads].view(n, s.kv_heads, group, s.head_dim)  # a group's heads as queries
            k, v = kept[:, : s.kv_heads, :end], kept[:, s.kv_heads :, :end]
            mixed = functional.scaled_dot_product_attention(q, k, v).reshape(n, -1)  # (N, HC)
            x = self._feed(layer, layer.out.add(mixed, x))
        forked.tokens = end
        return self._logits(x)

    def step_many(self, forked: TakesCache | NativeTakes, ids: Any) -> Tensor:
        """See `CausalModel`."""
        if isinstance(forked, NativeTakes):
            assert self._native is not None
            return torch.from_numpy(self._native.step_many(forked, numbers(ids)))
        steps = [self.step(forked, row) for row in torch.as_tensor(ids, device=self.device).unbind(1)]
        return torch.stack(steps, dim=1)

    def rewind(self, forked: TakesCache | NativeTakes, back: int) -> None:
        """See `CausalModel`."""
        if isinstance(forked, NativeTakes):
            forked.own -= back
        else:
            forked.tokens -= back


def numbers(ids: Any) -> np.ndarray:
    """Token ids as numpy's, from a tensor or an array."""
    return ids.numpy() if isinstance(ids, Tensor) else np.asarray(ids)


def load_lean(
    folder: Path,
    shape: LlamaShape,
    device: str,
    dtype: torch.dtype,
    tick: Tick,
    overlay: Overlay | None = None,
) -> LeanLlama:
    """Read a plain Llama from its folder, with adapters laid over its weights."""
    adapted = overlay is not None and overlay.weighed
    with torch.inference_mode():
        with AdaptedFiles(folder, overlay) if overlay and adapted else WeightFiles(folder) as files:
            model = LeanLlama(shape, files, device, dtype, tick)
        return model.begun_with(overlay.soft) if overlay and overlay.soft else model
