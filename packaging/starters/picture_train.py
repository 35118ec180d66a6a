"""The training of UNet and text encoder: two optimizers, a mean of the weights, checkpoints that resume exactly."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from picture_feed import Batch, Feed
from picture_net import STEPS, Shape, build_scheduler, build_text, build_unet, noised
from starter_muon import Muon, shares
from starter_run import Pace, Progress, Span, device_here, save_whole
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import CLIPTextModel

CHECKPOINT = "checkpoint.pt"
APART = ("embedding", "conv_in", "conv_out")  # left to AdamW beside norms and biases


@dataclass(frozen=True)
class Plan:
    """Everything that decides this training besides the data."""

    shape: Shape = field(default_factory=Shape)
    span: Span = field(default_factory=lambda: Span(minutes=90, warm=100, tail=0.5))
    seed: int = 2
    rate: float = 2e-3
    decay: float = 0.01
    batch: int = 64
    dropped: float = 0.1  # share of empty phrases, for guidance
    favour: float = 6.0  # how much oftener simple, common things are drawn
    lean: float = 0.5  # 1: all noise levels alike, less: more of the high ones, where the phrase decides
    ema: float = 0.999
    save_every_s: float = 180.0
    check_every: int = 250  # steps between reports


class Trainer:
    """One run: parts, optimizers, the mean of the weights, progress."""

    def __init__(
        self,
        plan: Plan,
        feed: Feed,
        folder: Path,
        text: dict[str, Tensor] | None = None,
        compiled: bool = True,
    ) -> None:
        """`text`: weights the text encoder begins with."""
        self.plan, self.feed, self.folder = plan, feed, folder
        self.device = device_here()
        torch.manual_seed(plan.seed)
        self.unet = build_unet(plan.shape).to(memory_format=torch.channels_last)
        self.text = build_text(plan.shape, len(feed.tokenizer))
        if text is not None:
            self.text.load_state_dict(text)
        self.unet.to(self.device)
        self.text.to(self.device)
        self.signal = build_scheduler().alphas_cumprod.to(self.device)
        matrices, rest = shares(self.named().items(), APART)
        self.muon = Muon(matrices, lr=plan.rate, weight_decay=plan.decay)
        self.adam = torch.optim.AdamW(rest, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0)
        self.mean = {name: value.detach().clone() for name, value in self.named().items()}
        self.progress = Progress()
        self.drawer: Callable[..., tuple[Tensor]] = torch.compile(self.unet) if compiled else self.unet

    def named(self) -> dict[str, Tensor]:
        """All trained parameters by name."""
        both = {"unet": self.unet, "text": self.text}
        return {f"{part}.{name}": p for part, net in both.items() for name, p in net.named_parameters()}

    def velocity(self, noisy: Tensor, levels: Tensor, tokens: Tensor) -> Tensor:
        """The foreseen velocity (B, 6, 16, 16) of noisy latents at levels (B,) under token ids (B, 32).

        Attention is spelled out: over so few tokens the fused kernel's way back takes half of a step on a CPU.
        """
        with sdpa_kernel(SDPBackend.MATH):
            told = self.text(tokens).last_hidden_state
            return self.drawer(noisy, levels, told, return_dict=False)[0]

    def loss(self, batch: Batch, noise: Tensor, levels: Tensor) -> Tensor:
        """Mean squared difference of foreseen and true velocities."""
        clean, noise, levels, tokens = (
            part.to(self.device) for part in (batch.latents, noise, levels, batch.tokens)
        )
        noisy, wanted = noised(clean, noise, self.signal[levels])
        with torch.autocast(self.device.type, torch.bfloat16):
            found = self.velocity(noisy.contiguous(memory_format=torch.channels_last), levels, tokens)
        return (found.float() - wanted).square().mean()

    def step(self) -> float:
        """One optimizer step; returns the loss."""
        plan, now = self.plan, self.progress
        rng = np.random.default_rng((plan.seed, now.step))
        batch = self.feed.take(plan.batch, rng)
        noise = torch.from_numpy(rng.standard_normal(batch.latents.shape, dtype=np.float32))
        even = (np.arange(plan.batch) + rng.random(plan.batch)) / plan.batch  # levels spread evenly
        levels = torch.from_numpy((even**plan.lean * STEPS).astype(np.int64))
        loss = self.loss(batch, noise, levels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.named().values(), 1.0)
        for optimizer in (self.muon, self.adam):
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * now.factor(plan.span.warm)
            optimizer.step()
            optimizer.zero_grad()
        keep = min(plan.ema, (1 + now.step) / (10 + now.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.values()), list(self.named().values()), 1 - keep)
        now.step += 1
        return loss.item()

    def parts(self) -> tuple[UNet2DConditionModel, CLIPTextModel]:
        """UNet and text encoder with their weights' mean over time."""
        unet, text = build_unet(self.plan.shape), build_text(self.plan.shape, len(self.feed.tokenizer))
        for prefix, net in (("unet.", unet), ("text.", text)):
            mean = {n.removeprefix(prefix): w for n, w in self.mean.items() if n.startswith(prefix)}
            net.load_state_dict(mean, strict=False)  # fixed buffers stay as built
        return unet.to(memory_format=torch.channels_last).eval(), text.eval()

    def save(self) -> None:
        """Write the checkpoint."""
        state = {
            "unet": self.unet.state_dict(),
            "text": self.text.state_dict(),
            "mean": self.mean,
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "progress": asdict(self.progress),
        }
        save_whole(state, self.folder / CHECKPOINT)

    def load(self) -> None:
        """Take up the run from its checkpoint."""
        state = torch.load(self.folder / CHECKPOINT, map_location=self.device, weights_only=True)
        for net, name in ((self.unet, "unet"), (self.text, "text"), (self.muon, "muon"), (self.adam, "adam")):
            net.load_state_dict(state[name])
        self.mean, self.progress = state["mean"], Progress(**state["progress"])

    def run(self, say: Callable[[str], None]) -> None:
        """Train to the end, saving and reporting on the way."""
        plan, now, pace = self.plan, self.progress, Pace()
        saved, losses = time.monotonic(), []
        checks = self.feed.plain(self.feed.side("test"))
        while not now.ended:
            began = time.monotonic()
            losses.append(self.step())
            pace.add(time.monotonic() - began)
            now.seconds += time.monotonic() - began
            if now.step % 20 == 0 or plan.span.steps:
                plan.span.steer(now, pace.mean_s, self.folder)
            if now.step % plan.check_every == 0 or now.ended:
                checked = denoising(*self.parts(), checks)
                say(
                    f"step {now.step} of {now.last}  {now.seconds / 60:.1f} min  train {np.mean(losses):.4f}"
                    f"  test {checked:.4f}  rate x{now.factor(plan.span.warm):.3f}"
                    f"  {plan.batch / pace.mean_s:.0f} icons/s"
                )
                now.log.append((now.step, float(np.mean(losses)), checked))
                losses = []
            if time.monotonic() - saved > plan.save_every_s:
                self.save()
                saved = time.monotonic()
        self.save()


@torch.no_grad()
def denoising(unet: UNet2DConditionModel, text: CLIPTextModel, batch: Batch, seed: int = 0) -> float:
    """Mean squared velocity error over a batch: fixed noise, levels spread evenly."""
    count = len(batch.tokens)
    noise = torch.randn(batch.latents.shape, generator=torch.Generator().manual_seed(seed))
    levels = ((torch.arange(count) * 389 % count + 0.5) * STEPS / count).long()
    noisy, wanted = noised(batch.latents, noise, build_scheduler().alphas_cumprod[levels])
    total = 0.0
    for start in range(0, count, 64):
        part = slice(start, start + 64)
        told = text(batch.tokens[part]).last_hidden_state
        found = unet(noisy[part], levels[part], told, return_dict=False)[0]
        total += float((found - wanted[part]).square().mean((1, 2, 3)).sum())
    return total / count
