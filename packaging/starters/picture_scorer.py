"""A small contrastive scorer: pictures and phrases in one space, for figures and for the text encoder's start."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from picture_net import Shape, build_text
from starter_muon import Muon, shares
from starter_run import save_whole
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel

CHECKPOINT = "scorer.pt"
SEEN = 32  # pixels of a side it looks at


@dataclass(frozen=True)
class ScorerPlan:
    """Everything that decides the scorer's training besides the data."""

    steps: int = 700
    batch: int = 128
    rate: float = 3e-3
    warm: int = 30
    seed: int = 3
    shape: Shape = field(default_factory=Shape)


def layer(inner: int, outer: int, stride: int = 1) -> nn.Sequential:
    """One step of the eye: convolution, norm, activation."""
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.GroupNorm(8, outer), nn.SiLU(inplace=True)
    )


class Scorer(nn.Module):
    """An eye for pictures (B, 3, 32, 32) in -1..1 and a reader of token ids (B, 32), both to unit vectors (B, D)."""

    def __init__(self, plan: ScorerPlan, vocabulary: int) -> None:
        super().__init__()
        torch.manual_seed(plan.seed)
        wide = plan.shape.text
        self.eye = nn.Sequential(
            layer(3, 32, 2), layer(32, 48), layer(48, 96, 2), layer(96, 160, 2),
            nn.Flatten(), nn.Dropout(0.2), nn.Linear(160 * 16, wide),
        )  # fmt: skip
        self.text = build_text(plan.shape, vocabulary)
        self.read_out = nn.Linear(wide, wide, bias=False)
        self.heat = nn.Parameter(torch.tensor(2.5))

    def look(self, pictures: Tensor) -> Tensor:
        """Unit vectors (B, D) of pictures."""
        return functional.normalize(self.eye(pictures).float(), dim=-1)

    def read(self, tokens: Tensor) -> Tensor:
        """Unit vectors (B, D) of phrases."""
        used = int((tokens != tokens[:, -1:]).sum(1).max()) + 1  # what follows a phrase's end changes nothing
        return functional.normalize(self.read_out(self.text(tokens[:, :used]).pooler_output).float(), dim=-1)


def shrink(pixels: np.ndarray) -> Tensor:
    """Pixels, uint8 (B, 128, 128, 3), to float (B, 3, 32, 32) in -1..1, channels last in memory."""
    whole = torch.from_numpy(np.array(pixels, order="C")).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    return functional.avg_pool2d(whole, pixels.shape[1] // SEEN)


def moved(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """The batch shifted by a few pixels and its colours a little dimmed, so that the eye learns no pixel by heart."""
    dx, dy = rng.integers(-2, 3, 2)
    padded = functional.pad(pictures, (2, 2, 2, 2), value=1.0)
    cut = padded[..., 2 + dy : 2 + dy + SEEN, 2 + dx : 2 + dx + SEEN]
    dim = torch.from_numpy(rng.uniform(0.85, 1.0, (len(pictures), 1, 1, 1)).astype(np.float32))
    return ((cut - 1) * dim + 1).contiguous(memory_format=torch.channels_last)


def contrast(seen: Tensor, told: Tensor, heat: Tensor, names: np.ndarray) -> Tensor:
    """Symmetric cross-entropy of matching; pictures of the same thing count as matches of each other's phrases."""
    same = torch.from_numpy((names[:, None] == names[None]).astype(np.float32))
    wanted = same / same.sum(1, keepdim=True)
    logits = seen @ told.T * heat.clamp(max=4.0).exp()
    return 0.5 * (functional.cross_entropy(logits, wanted) + functional.cross_entropy(logits.T, wanted))


Batches = Callable[[int, np.random.Generator], tuple[np.ndarray, Tensor, np.ndarray]]


def train(
    plan: ScorerPlan, vocabulary: int, batches: Batches, folder: Path, say: Callable[[str], None]
) -> Scorer:
    """Train a scorer.

    `batches(count, rng)` gives pixels (B, 128, 128, 3), token ids (B, 32) and the things' numbers.
    """
    scorer = Scorer(plan, vocabulary).to(memory_format=torch.channels_last)
    matrices, rest = shares(scorer.named_parameters(), ("embedding",))
    optimizers = (Muon(matrices, lr=plan.rate, weight_decay=0.02), torch.optim.AdamW(rest, lr=plan.rate))
    began, losses = time.monotonic(), []
    for step in range(plan.steps):
        rng = np.random.default_rng((plan.seed, step))
        torch.manual_seed(plan.seed * 1_000_003 + step)
        pixels, tokens, names = batches(plan.batch, rng)
        with torch.autocast("cpu", torch.bfloat16):
            seen, told = scorer.look(moved(shrink(pixels), rng)), scorer.read(tokens)
        loss = contrast(seen, told, scorer.heat, names)
        loss.backward()
        factor = min(1.0, (step + 1) / plan.warm, (plan.steps - step) / (0.6 * plan.steps))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * factor
            optimizer.step()
            optimizer.zero_grad()
        losses.append(loss.item())
        if (step + 1) % 50 == 0:
            say(f"scorer step {step + 1}  {time.monotonic() - began:.0f} s  loss {np.mean(losses):.4f}")
            losses = []
    save_whole({"model": scorer.state_dict()}, folder / CHECKPOINT)
    return scorer.eval()


def load(plan: ScorerPlan, vocabulary: int, folder: Path) -> Scorer:
    """The scorer of a run."""
    scorer = Scorer(plan, vocabulary)
    scorer.load_state_dict(torch.load(folder / CHECKPOINT, weights_only=True)["model"])
    return scorer.eval()


@torch.no_grad()
def retrieval(scorer: Scorer, pixels: np.ndarray, tokens: Tensor) -> dict[str, float]:
    """Share of pictures (N, 128, 128, 3) whose own phrase (N, 32) stands first, or among five, of all N."""
    scores = scorer.look(shrink(pixels)) @ scorer.read(tokens).T
    place = (scores > scores.diagonal()[:, None]).sum(1)
    return {"first": float((place == 0).float().mean()), "five": float((place < 5).float().mean())}


def text_start(scorer: Scorer, text: CLIPTextModel) -> None:
    """Let a text encoder begin where the scorer's reader stands."""
    text.load_state_dict(scorer.text.state_dict())
