"""The picture model's VAE: how it is built, trained on pieces of icons, and measured."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from starter_muon import Muon, shares
from starter_run import Pace, Progress, Span, device_here, save_whole
from torch import Tensor
from torch.nn import functional

CHECKPOINT, FINISHED = "vae.pt", "vae_finished.pt"
LATENTS = 6  # channels of a latent


@dataclass(frozen=True)
class VaePlan:
    """Everything that decides the VAE's training besides the data."""

    span: Span = field(default_factory=lambda: Span(minutes=25, warm=100, tail=0.5))
    widths: tuple[int, ...] = (16, 32, 64, 96)
    seed: int = 1
    rate: float = 2e-3
    piece_px: int = 64  # side of the pieces it sees
    batch: int = 16  # pieces a step
    whole: int = 4  # one step of so many sees whole pictures instead (batch / 4 of them)
    small: float = 0.15  # share of the steps that decode the halved latent to the halved picture
    kl: float = 2e-4  # weight of the mean divergence of a latent's element
    slope: float = 0.5  # weight of the difference of neighbouring pixels
    ema: float = 0.998
    save_every_s: float = 180.0


def build_vae(widths: tuple[int, ...]) -> AutoencoderKL:
    """A fresh VAE: pictures (B, 3, 128, 128) in -1..1 to latents (B, 6, 16, 16)."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        block_out_channels=widths,
        layers_per_block=1,
        latent_channels=LATENTS,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=128,
        scaling_factor=1.0,  # `even_out` folds the latents' spread into the weights
        force_upcast=False,
    )


def to_float(pixels: np.ndarray) -> Tensor:
    """Pixels, uint8 (B, H, W, 3), as float (B, 3, H, W) in -1..1, channels last in memory."""
    return torch.from_numpy(np.array(pixels, order="C")).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def cut(pixels: np.ndarray, indices: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A piece of each picture, the livelier of two places, mirrored or not: uint8 (B, side, side, 3)."""
    pieces = []
    for index in indices:
        places = rng.integers(0, pixels.shape[1] - side + 1, (2, 2))
        found = [pixels[index, y : y + side, x : x + side] for y, x in places]
        piece = max(found, key=lambda one: float(one[::4, ::4].std()))
        pieces.append(piece[:, ::-1] if rng.random() < 0.5 else piece)
    return np.stack(pieces)


def picture_loss(made: Tensor, real: Tensor, slope: float) -> Tensor:
    """Squared, absolute and slope differences of two batches (B, 3, H, W), weighed together."""
    gap = made - real
    steep = (gap[..., 1:] - gap[..., :-1]).abs().mean() + (gap[..., 1:, :] - gap[..., :-1, :]).abs().mean()
    return gap.square().mean() + 0.1 * gap.abs().mean() + 0.1 * slope * steep


class VaeTrainer:
    """One run of the VAE: weights, their mean over time, optimizer and progress."""

    def __init__(self, plan: VaePlan, pixels: np.ndarray, rows: Sequence[int], folder: Path) -> None:
        self.plan, self.pixels, self.rows, self.folder = plan, pixels, rows, folder
        self.device = device_here()
        torch.manual_seed(plan.seed)
        self.model = build_vae(plan.widths).to(self.device, memory_format=torch.channels_last)
        self.mean = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        matrices, rest = shares(self.model.named_parameters(), ("conv_in", "conv_out.weight"))
        self.muon = Muon(matrices, lr=plan.rate, weight_decay=0.01)
        self.adam = torch.optim.AdamW(rest, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0)
        self.progress = Progress()

    def batch(self, rng: np.random.Generator) -> Tensor:
        """The pieces of this step, float (B, 3, S, S)."""
        plan = self.plan
        if self.progress.step % plan.whole == plan.whole - 1:
            chosen = np.sort(rng.choice(self.rows, plan.batch // 4))
            return to_float(self.pixels[chosen])
        return to_float(cut(self.pixels, rng.choice(self.rows, plan.batch), plan.piece_px, rng))

    def step(self) -> float:
        """One optimizer step; returns the loss."""
        plan, now = self.plan, self.progress
        rng = np.random.default_rng((plan.seed, now.step))
        noise = torch.Generator().manual_seed(plan.seed * 1_000_003 + now.step)
        real = self.batch(rng).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            posterior = self.model.encode(real, return_dict=False)[0]
            drawn = torch.randn(posterior.mean.shape, generator=noise).to(self.device)
            latent = posterior.mean + posterior.std * drawn.contiguous(memory_format=torch.channels_last)
            if rng.random() < plan.small:
                latent, real = functional.avg_pool2d(latent, 2), functional.avg_pool2d(real, 2)
            made = self.model.decode(latent, return_dict=False)[0]
        divergence = posterior.kl().sum() / posterior.mean.numel()
        loss = picture_loss(made.float(), real, plan.slope) + plan.kl * divergence.float()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in (self.muon, self.adam):
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * now.factor(plan.span.warm)
            optimizer.step()
            optimizer.zero_grad()
        keep = min(plan.ema, (1 + now.step) / (10 + now.step))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                self.mean[name].lerp_(value, 1 - keep)
        now.step += 1
        return loss.item()

    def save(self) -> None:
        """Write the checkpoint."""
        state = {
            "model": self.model.state_dict(),
            "mean": self.mean,
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "progress": asdict(self.progress),
        }
        save_whole(state, self.folder / CHECKPOINT)

    def load(self) -> None:
        """Take up the run from its checkpoint."""
        state = torch.load(self.folder / CHECKPOINT, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.mean, self.progress = state["mean"], Progress(**state["progress"])

    def take_up(self) -> None:
        """Go on from the checkpoint where there is one."""
        if (self.folder / CHECKPOINT).exists():
            self.load()

    def best(self) -> AutoencoderKL:
        """The VAE with its weights' mean over time."""
        vae = build_vae(self.plan.widths)
        vae.load_state_dict(self.mean)
        return vae.to(memory_format=torch.channels_last).eval()

    def run(self, checks: np.ndarray, say: Callable[[str], None]) -> None:
        """Train to the end, saving and reporting on the way. `checks`: pictures, uint8 (N, 128, 128, 3)."""
        now, pace, saved, losses = self.progress, Pace(), time.monotonic(), []
        while not now.ended:
            began = time.monotonic()
            losses.append(self.step())
            pace.add(time.monotonic() - began)
            now.seconds += time.monotonic() - began
            if now.step % 20 == 0 or self.plan.span.steps:
                self.plan.span.steer(now, pace.mean_s, self.folder)
            if now.step % 250 == 0 or now.ended:
                figure = psnr(self.best(), checks)
                say(
                    f"vae step {now.step} of {now.last}  {now.seconds / 60:.1f} min  loss {np.mean(losses):.4f}"
                    f"  {figure:.2f} dB  {pace.mean_s * 1000:.0f} ms a step"
                )
                losses = []
            if time.monotonic() - saved > self.plan.save_every_s:
                self.save()
                saved = time.monotonic()
        self.save()
        vae = self.best()
        even_out(vae, self.pixels[np.asarray(self.rows)[:: max(1, len(self.rows) // 512)]])
        save_whole(vae.state_dict(), self.folder / FINISHED)


@torch.no_grad()
def even_out(vae: AutoencoderKL, pixels: np.ndarray) -> None:
    """Fold the latents' mean and spread per channel into the VAE: over `pixels` they then leave it at 0 and 1."""
    parts = [pixels[start : start + 32] for start in range(0, len(pixels), 32)]
    found = torch.cat([vae.encode(to_float(part), return_dict=False)[0].mean for part in parts])
    mean, spread = found.mean((0, 2, 3)), found.std((0, 2, 3))
    inner, outer = vae.quant_conv, vae.post_quant_conv
    scale = torch.cat([1 / spread, torch.ones_like(spread)])
    inner.bias.sub_(torch.cat([mean, 2 * spread.log()]))
    inner.weight.mul_(scale.view(-1, 1, 1, 1))
    inner.bias.mul_(scale)
    outer.bias.add_(outer.weight.flatten(1) @ mean)
    outer.weight.mul_(spread.view(1, -1, 1, 1))


def finished(plan: VaePlan, folder: Path) -> AutoencoderKL:
    """The VAE of a run whose training has ended."""
    vae = build_vae(plan.widths)
    vae.load_state_dict(torch.load(folder / FINISHED, map_location="cpu", weights_only=True))
    return vae.to(memory_format=torch.channels_last).eval()


@torch.no_grad()
def psnr(vae: AutoencoderKL, pixels: np.ndarray) -> float:
    """Mean over pictures of the peak signal-to-noise ratio in dB after a round trip, 8 bits a channel."""
    figures = []
    for start in range(0, len(pixels), 16):
        part = pixels[start : start + 16]
        latent = vae.encode(to_float(part), return_dict=False)[0].mean
        made = vae.decode(latent, return_dict=False)[0].add(1).mul(127.5).round().clamp(0, 255)
        gap = made.permute(0, 2, 3, 1).double().numpy() - part
        figures.append(10 * np.log10(255.0**2 / np.maximum(np.square(gap).mean((1, 2, 3)), 1e-3)))
    return float(np.concatenate(figures).mean())
