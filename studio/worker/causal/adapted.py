"""Adapters laid over a language or note model's weights: W + sum of weight * (W' - W), as peft computes W'.

The base's files are never written to. Shapes: O out, I in, R rank; GPT-2 keeps its matrices as (I, O).
Sources: LoRA arXiv 2106.09685, DoRA arXiv 2402.09353, AdaLoRA arXiv 2303.10512, (IA)3 arXiv 2205.05638; peft 0.21.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from studio.catalog.adapter_fits import Base, why_not, why_not_these_weights
from studio.catalog.adapters import PROMPT, PeftAdapter, read_adapter
from studio.catalog.card import ModelCard
from studio.catalog.headers import damaged
from studio.core.adapter import Adapter, AtWork
from studio.core.errors import StudioError
from studio.worker.causal.soft import Soft
from studio.worker.causal.weights import WeightFiles

_TURNED_FAMILIES = frozenset({"gpt2"})  # whose matrices are (I, O)


class Change(Protocol):
    """What one adapter makes of one tensor. A `spare` one may find no tensor: a bias that the model has not."""

    @property
    def spare(self) -> bool:
        """See above."""

    def difference(self, base: Tensor) -> Tensor:
        """W' - W, both float32 and of the same shape."""


@dataclass(frozen=True)
class LowRank:
    """LoRA, DoRA and AdaLoRA of one matrix."""

    down: Tensor  # R x I
    up: Tensor  # O x R, scaled
    turned: bool
    magnitude: Tensor | None = None  # O
    spare: bool = False

    def difference(self, base: Tensor) -> Tensor:
        """See `Change`."""
        delta = self.up @ self.down
        if self.magnitude is None:
            return delta.T if self.turned else delta
        plain = base.T if self.turned else base
        moved = plain + delta
        moved *= (self.magnitude / torch.linalg.norm(moved, dim=1))[:, None]
        moved -= plain
        return moved.T if self.turned else moved


@dataclass(frozen=True)
class Scaled:
    """(IA)3 of one tensor: its rows, columns or entries times learnt numbers."""

    by: Tensor  # in a shape that stretches over W
    spare: bool = False

    def difference(self, base: Tensor) -> Tensor:
        """See `Change`."""
        return base * self.by - base


@dataclass(frozen=True)
class Given:
    """A tensor that was trained as it is: a bias, a whole module."""

    value: Tensor
    spare: bool = False

    def difference(self, base: Tensor) -> Tensor:
        """See `Change`."""
        return self.value - base


Changes = Mapping[str, Change]  # by the name of the tensor in the base


@dataclass(frozen=True)
class Overlay:
    """What several adapters, each with its weight, make of a model together."""

    weighed: tuple[tuple[float, Changes], ...] = ()
    soft: tuple[Soft, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The tensors that the model must have."""
        every = (item for _, changes in self.weighed for item in changes.items())
        return frozenset(name for name, change in every if not change.spare)

    @property
    def touched(self) -> frozenset[str]:
        """The tensors that change, where the model has them."""
        return frozenset(name for _, changes in self.weighed for name in changes)

    def laid(self, name: str, base: Tensor) -> Tensor:
        """A tensor of the model with all of it laid on, float32; the sum is made in the adapters' order."""
        whole = base.float()
        parts = [
            (weight, changes[name].difference(whole)) for weight, changes in self.weighed if name in changes
        ]
        if not parts:
            return whole
        total = whole.clone()
        for weight, part in parts:
            total.add_(part, alpha=weight)
        return total


class AdaptedFiles(WeightFiles):
    """A model folder's tensors with adapters laid on: all in float32, whatever their files hold."""

    def __init__(self, folder: Path, overlay: Overlay) -> None:
        super().__init__(folder)
        self._overlay = overlay
        self._wanted = set(overlay.names)

    def take(self, name: str, size: tuple[int, ...]) -> Tensor:
        """As `WeightFiles.take`."""
        self._wanted.discard(name)
        return self._overlay.laid(name, super().take(name, size))

    def finish(self, spare: tuple[str, ...]) -> None:
        """As `WeightFiles.finish`; every change must have found its tensor."""
        super().finish(spare)
        if self._wanted:
            raise no_place(min(self._wanted))


def no_place(name: str) -> StudioError:
    """The error for a change of a tensor that the model in memory does not have."""
    return StudioError(
        f"The adapter changes {name}, which this model does not have.",
        do="Take it off, or choose one that was trained on this model.",
        code="adapter",
    )


def no_hashes(adapters: Sequence[Adapter]) -> tuple[str, ...]:
    """The hashes of no adapters, for a model over which none was laid. Raises ValueError when there are some."""
    if adapters:
        raise ValueError("over this model no adapters are laid")
    return ()


def check_adapters(
    adapters: AtWork, card: ModelCard, base_sha256: Callable[[], str]
) -> list[tuple[float, PeftAdapter]]:
    """What their headers say, when they fit; `base_sha256` is asked when one says on which weights it was trained.

    Raises StudioError in plain words for one that does not fit; nothing has been loaded then.
    """
    if Path(card.path).is_file():
        raise StudioError(
            f"{card.title} is one GGUF file, over which no adapter can be laid.",
            do="Choose the same model as a folder, or take the adapter off.",
            code="adapter",
        )
    base = Base.of(card)
    found = []
    for path, weight in adapters:
        adapter = read_adapter(path)
        reason = why_not(adapter, base)
        if not reason and adapter.note is not None and adapter.note.base_sha256:
            reason = why_not_these_weights(adapter, card, base_sha256())
        if reason:
            raise StudioError(reason, do="Take it off, or choose one trained on this model.", code="adapter")
        if adapter.virtual_tokens and weight != 1.0:
            raise StudioError(
                f"The adapter {adapter.title} is {adapter.virtual_tokens} learnt tokens before the text, "
                f"which have no weight in between (here {weight:g}).",
                do="Set its weight to 1, or to 0 to leave it out.",
                code="adapter",
            )
        found.append((weight, adapter))
    return found


def read_overlay(found: Sequence[tuple[float, PeftAdapter]], family: str) -> Overlay:
    """Their weights, read into memory. Raises StudioError for a damaged file."""
    return Overlay(
        tuple((weight, _changes(one, family)) for weight, one in found if not one.virtual_tokens),
        tuple(Soft(one.method == "prefix", _read(one)[PROMPT]) for _, one in found if one.virtual_tokens),
    )


def _changes(adapter: PeftAdapter, family: str) -> Changes:
    tensors = _read(adapter)
    changes: dict[str, Change] = {name: Given(tensors[key]) for name, key in adapter.given.items()}
    for module, parts in adapter.parts.items():
        own = {part: tensors[key] for part, key in parts.items()}
        if "ia3_l" in own:
            changes |= _scaled(module, own["ia3_l"], family)
        else:
            changes[f"{module}.weight"] = _low_rank(module, own, adapter, family)
    return changes


def _read(adapter: PeftAdapter) -> dict[str, Tensor]:
    try:
        return {name: tensor.float() for name, tensor in load_file(adapter.file).items()}
    except (SafetensorError, OSError) as error:
        raise damaged(adapter.file, str(error)) from error


def _low_rank(module: str, own: Mapping[str, Tensor], adapter: PeftAdapter, family: str) -> LowRank:
    down, up = own["lora_A"], own["lora_B"]
    if "lora_E" in own:
        down = down * own["lora_E"]
    scale = _scale(module, adapter.config, adapter.method, rank=down.shape[0])
    return LowRank(down, up * scale, _turned(module, family), own.get("lora_magnitude_vector"))


def _scale(module: str, config: Mapping[str, Any], method: str, *, rank: int) -> float:
    """What the pair is multiplied by."""
    if method == "adalora":  # peft divides by the rank it began with, plus a trifle
        alpha = float(config.get("lora_alpha") or 0)
        began = float(config.get("init_r", 12))
        return (alpha if alpha > 0 else float(rank)) / (began + 1e-5)
    pattern = config.get("alpha_pattern") or {}
    key = next((key for key in pattern if re.match(rf"(.*\.)?({key})$", module)), None)
    alpha = float(pattern[key] if key is not None else config.get("lora_alpha", 8))
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _scaled(module: str, by: Tensor, family: str) -> dict[str, Change]:
    """(IA)3 scales what goes into a feed-forward layer (1, I), and what comes out of another (O, 1), bias and all."""
    changes: dict[str, Change] = {f"{module}.weight": Scaled(by.T if _turned(module, family) else by)}
    if by.shape[1] == 1:
        changes[f"{module}.bias"] = Scaled(by.flatten(), spare=True)
    return changes


def _turned(module: str, family: str) -> bool:
    return family in _TURNED_FAMILIES and not module.endswith("lm_head")
