"""A lean Llama's weights and takes for the compiled step (`kernels`): numpy memory, one thread, no torch.

The takes of one prompt share its keys and values; each keeps only its own. Shapes as in `llama`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.worker.causal.compiled import Kernels

KIND_OF = {torch.float32: "float32", torch.bfloat16: "bfloat16", torch.float16: "float16"}
_RAW = {torch.float32: torch.float32, torch.bfloat16: torch.uint16, torch.float16: torch.uint16}


@dataclass
class NativeWeights:
    """All weights as stored in their file, layer upon layer; norms in float32, times sqrt(D)."""

    kind: str
    embed: np.ndarray  # V x D
    norms: np.ndarray  # (2L + 1) x D
    qkv: np.ndarray  # L x (H + 2K) C x D, rows of q and k paired
    out: np.ndarray  # L x D x HC
    gate_up: np.ndarray  # L x 2I x D
    down: np.ndarray  # L x D x I
    head: np.ndarray  # V x D, the embedding's own memory where they are tied

    @property
    def nbytes(self) -> int:
        """Memory of all of it."""
        own = {
            id(a): a.nbytes
            for a in (self.embed, self.norms, self.qkv, self.out, self.gate_up, self.down, self.head)
        }
        return sum(own.values())


class WeightStack:
    """Collects the layers' matrices while a model is read; gives up when their number types differ."""

    def __init__(self, layers: int, dtype: torch.dtype, wanted: bool) -> None:
        self._layers = layers
        self._dtype = dtype
        self._stacks: dict[str, np.ndarray] = {}
        self.whole = wanted and dtype in KIND_OF

    def put(self, name: str, layer: int, *parts: Tensor) -> None:
        """One layer's matrix, of parts that stand above one another."""
        self.whole = self.whole and all(part.dtype == self._dtype for part in parts)
        if not self.whole:
            self._stacks.clear()
            return
        both = raw(torch.cat(parts))
        if name not in self._stacks:
            self._stacks[name] = np.empty((self._layers, *both.shape), both.dtype)
        self._stacks[name][layer] = both

    def weights(self, embed: Tensor, head: Tensor | None, norms: Sequence[Tensor]) -> NativeWeights | None:
        """All of it; None when a number type was another one."""
        ends = [embed] if head is None else [embed, head]
        if not self.whole or any(end.dtype != self._dtype for end in ends):
            return None
        rows = [raw(end.contiguous()).copy() for end in ends]
        table = np.ascontiguousarray(torch.stack([norm.float() for norm in norms]).numpy())
        return NativeWeights(KIND_OF[self._dtype], rows[0], table, head=rows[-1], **self._stacks)


def raw(tensor: Tensor) -> np.ndarray:
    """The tensor's memory as numbers numpy knows."""
    return tensor.view(_RAW[tensor.dtype]).numpy()


@dataclass
class NativeTakes:
    """N takes: the prompt's keys and values (L, 2K, room, C), shared, and each take's own (L, N, 2K, room, C)."""

    prompt: np.ndarray
    past: int
    tail: np.ndarray
    own: int
    scratch: dict[str, np.ndarray]
    slots: np.ndarray  # which take each row belongs to
    places: np.ndarray  # at which own position its token stands

    @property
    def nbytes(self) -> int:
        """Memory of the takes' own keys, values and scratch."""
        return self.tail.nbytes + sum(array.nbytes for array in self.scratch.values())


class NativeStep:
    """Computes steps with compiled kernels."""

    def __init__(self, shape: Any, weights: NativeWeights, kernels: Kernels) -> None:
        self._shape = shape
        self._weights = weights
        self.kernels = kernels
        self._floor = float(shape.hidden * shape.eps)
        w = weights
        self._matrices = [a.ctypes.data for a in (w.embed, w.norms, w.qkv, w.out, w.gate_up, w.down, w.head)]
        self._turns = np.empty((0, shape.head_dim), np.float32)

    def fork(self, prompt: Tensor, past: int, rows: int, room: int) -> NativeTakes:
        """Takes that begin with a prompt's cache (L, 2K, room, C)."""
        s = self._shape
        tail = np.empty((s.layers, rows, 2 * s.kv_heads, max(room, 1), s.head_dim), np.float32)
        return NativeTakes(
            prompt=prompt.numpy(),
            past=past,
            tail=tail,
            own=0,
            scratch=self._scratch(rows, past + room),
            slots=np.arange(rows, dtype=np.int64),
            places=np.empty(rows, np.int64),
        )

    def _scratch(self, rows: int, positions: int) -> dict[str, np.ndarray]:
        s = self._shape
        sizes = {
            "x": s.hidden,
            "y": s.hidden,
            "qkv": (s.heads + 2 * s.kv_heads) * s.head_dim,
            "mixed": s.heads * s.head_dim,
            "both": 2 * s.inner,
            "inner": s.inner,
        }
        made = {name: np.empty((rows, size), np.float32) for name, size in sizes.items()}
        return made | {"scores": np.empty(positions + 1, np.float32)}

    def turns(self, table: Tensor) -> None:
        """Take over the rotations of all positions so far, complex (positions, C/2)."""
        if len(table) != len(self._turns):
            self._turns = np.ascontiguousarray(torch.view_as_real(table).flatten(1).numpy())

    def step(self, takes: NativeTakes, ids: np.ndarray) -> np.ndarray:
        """One token for each take, int64 (N,); logits float32 (N, V)."""
        takes.places.fill(takes.own)
        logits = np.empty((len(takes.slots), self._shape.vocab), np.float32)
        self._run(takes, ids, takes.slots, takes.places, takes.scratch, logits)
        takes.own += 1
        return logits

    def step_many(self, takes: NativeTakes, ids: np.ndarray) -> np.ndarray:
        """T successive tokens for each take, (N, T); logits (N, T, V), the same bits as T steps."""
        n, t = ids.shape
        places = np.tile(np.arange(takes.own, takes.own + t, dtype=np.int64), n)
        logits = np.empty((n * t, self._shape.vocab), np.float32)
        scratch = self._scratch(n * t, takes.past + takes.tail.shape[3])
        self._run(takes, ids.reshape(-1), np.repeat(takes.slots, t), places, scratch, logits)
        takes.own += t
        return logits.reshape(n, t, -1)

    def feed(self, takes: NativeTakes, slots: np.ndarray, places: np.ndarray, ids: np.ndarray) -> np.ndarray:
        """One token a row for these takes at these own positions, int64 (R,) each; logits float32 (R, V).

        A take may stand in several rows, at successive positions: for takes that do not go in step (`ragged`).
        """
        logits = np.empty((len(ids), self._shape.vocab), np.float32)
        scratch = takes.scratch
        if len(ids) > len(scratch["x"]):
            scratch = self._scratch(len(ids), takes.past + takes.tail.shape[3])
        self._run(takes, ids, slots, places, scratch, logits)
        return logits

    def _run(
        self,
        takes: NativeTakes,
        ids: np.ndarray,
        slots: np.ndarray,
        places: np.ndarray,
        scratch: dict[str, np.ndarray],
        logits: np.ndarray,
    ) -> None:
        s = self._shape
        ids = np.ascontiguousarray(ids, np.int64)
        last = int(places.max())
        if last >= takes.tail.shape[3] or takes.past + last >= len(self._turns):
            raise IndexError("a take has no room for another token")
        if len(ids) != len(places) or int(ids.min()) < 0 or int(ids.max()) >= s.vocab:
            raise IndexError("not a token of this model")
        sizes = np.array(
            [len(ids), s.hidden, s.layers, s.heads, s.kv_heads, s.head_dim, s.inner, takes.tail.shape[1],
             takes.past, takes.prompt.shape[2], takes.tail.shape[3], s.vocab],
            np.int64,
        )  # fmt: skip
        b = scratch
        self.kernels.step(
            sizes.ctypes.data, self._floor, ids.ctypes.data, slots.ctypes.data, places.ctypes.data,
            *self._matrices, self._turns.ctypes.data, takes.prompt.ctypes.data, takes.tail.ctypes.data,
            b["x"].ctypes.data, b["y"].ctypes.data, b["qkv"].ctypes.data, b["mixed"].ctypes.data,
            b["both"].ctypes.data, b["inner"].ctypes.data, b["scores"].ctypes.data, logits.ctypes.data,
        )  # fmt: skip
