"""The story model as it is trained: a small Llama, written for speed, that saves under Llama's own names.

Shapes: B windows, T tokens, D hidden units, H query heads, K key/value heads, C units per head, V vocabulary.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.worker.tune.packing import IGNORE

FAR = -1e4  # bias on the scores of positions out of reach
TOP = 60.0  # cap on attention scores: exp() stays finite in 32 bits
STRIP = 128  # least number of queries handled together


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; the defaults are the model that ships."""

    vocab: int = 4096
    hidden: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    inner: int = 704
    context: int = 1024
    rope_theta: float = 10000.0
    norm_eps: float = 1e-5


class Norm(nn.Module):
    """RMS norm over the last axis, reckoned in 32 bits: [..., D] to [..., D]."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Scale every vector to unit mean square, then by the learnt weight."""
        wide = x.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return (wide * self.weight).to(x.dtype)


def rope_tables(shape: Shape, length: int, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Cosines and sines [length, C] of the rotary position code, halves repeated as in Llama."""
    step = torch.arange(0, shape.head_dim, 2, device=device).float() / shape.head_dim
    angle = torch.outer(torch.arange(length, device=device).float(), shape.rope_theta**-step)
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn heads [B, H, T, C] by their positions' angles [T, C] (Llama's split-half convention)."""
    low, high = x.chunk(2, dim=-1)
    return (x * cos + torch.cat((-high, low), dim=-1) * sin).to(x.dtype)


def reach(documents: Tensor) -> Tensor:
    """What every position may look at, as a bias [B, T, T] on its scores.

    0 for the earlier positions of its own document (numbers [B, T]), a large negative number elsewhere.
    """
    t = documents.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    return torch.where(same & torch.ones(t, t, dtype=torch.bool, device=same.device).tril(), 0.0, FAR)


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Attention of queries [B, H, T, C] over keys and values [B, K, S, C] with a bias [B, T, S].

    The softmax does without its usual shift by the maximum (scores are capped instead) and divides after the
    weighted sum: two passes less over the scores, which is where the time goes on a processor.
    """
    b, h, t, c = q.shape
    kv, s = k.shape[1], k.shape[2]
    rows = (q * c**-0.5).reshape(b * kv, h // kv * t, c)
    scores = torch.bmm(rows, k.reshape(b * kv, s, c).transpose(1, 2)).view(b, kv, h // kv, t, s)
    weights = torch.exp(scores.float().clamp(max=TOP) + bias[:, None, None]).to(q.dtype)
    total = weights.float().sum(-1, keepdim=True)
    mixed = torch.bmm(weights.view(b * kv, h // kv * t, s), v.reshape(b * kv, s, c))
    return (mixed.view(b, kv, h // kv, t, c) / total).to(q.dtype).reshape(b, h, t, c)


class Attention(nn.Module):
    """Causal attention with grouped key/value heads, in strips of queries that skip the later keys."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        wide, narrow = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.hidden, wide, bias=False)
        self.k_proj = nn.Linear(shape.hidden, narrow, bias=False)
        self.v_proj = nn.Linear(shape.hidden, narrow, bias=False)
        self.o_proj = nn.Linear(wide, shape.hidden, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor) -> Tensor:
        """Mix [B, T, D] over the positions that the bias [B, T, T] leaves within reach."""
        b, t, _ = x.shape
        s = self.shape
        weight = torch.cat((self.q_proj.weight, self.k_proj.weight, self.v_proj.weight)).to(x.dtype)
        heads = functional.linear(x, weight).view(b, t, s.heads + 2 * s.kv_heads, s.head_dim).transpose(1, 2)
        q, k, v = heads.split((s.heads, s.kv_heads, s.kv_heads), dim=1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        strips = []
        step = max(STRIP, -(-t // 4))
        for start in range(0, t, step):
            end = min(start + step, t)
            strips.append(attend(q[:, :, start:end], k[:, :, :end], v[:, :, :end], bias[:, start:end, :end]))
        mixed = torch.cat(strips, dim=2).transpose(1, 2).reshape(b, t, s.heads * s.head_dim)
        return functional.linear(mixed, self.o_proj.weight.to(x.dtype))


class Mlp(nn.Module):
    """The gated feed-forward block (SwiGLU)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.inner, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.inner, bias=False)
        self.down_proj = nn.Linear(shape.inner, shape.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, D] to [B, T, D]."""
        weight = torch.cat((self.gate_proj.weight, self.up_proj.weight)).to(x.dtype)
        gate, up = functional.linear(x, weight).chunk(2, dim=-1)
        return functional.linear(functional.silu(gate) * up, self.down_proj.weight.to(x.dtype))


class Layer(nn.Module):
    """One block: attention, then the feed-forward, each on a normed copy of the stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = Norm(shape.hidden, shape.norm_eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = Norm(shape.hidden, shape.norm_eps)
        self.mlp = Mlp(shape)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor) -> Tensor:
        """[B, T, D] to [B, T, D]."""
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, bias)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """Embedding, layers and the last norm; named as Llama's inner model."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.hidden, shape.norm_eps)


class StoryModel(nn.Module):
    """The whole model; its state dict is a Llama checkpoint with tied embeddings."""

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        super().__init__()
        self.shape = shape
        self.model = Body(shape)
        chance = torch.Generator().manual_seed(seed)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                out = name.endswith(("o_proj.weight", "down_proj.weight"))
                std = 0.02 if "embed" in name else 0.5 * weight.shape[1] ** -0.5
                std *= (2 * shape.layers) ** -0.5 if out else 1.0
                nn.init.normal_(weight, 0.0, std, generator=chance)

    def hidden(self, tokens: Tensor, bias: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
        """The normed stream [B, T, D] after the last layer.

        `bias` [B, T, T] comes from `reach`, `turns` from `rope_tables`; the arithmetic runs in their type.
        """
        x = functional.embedding(tokens, self.model.embed_tokens.weight.to(turns[0].dtype))
        for layer in self.model.layers:
            x = layer(x, *turns, bias)
        return self.model.norm(x)

    def forward(self, tokens: Tensor, targets: Tensor, bias: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
        """Summed loss in nats of the targets [B, T] (-1: not counted) after the tokens [B, T]."""
        x = self.hidden(tokens, bias, turns).flatten(0, 1)
        logits = functional.linear(x, self.model.embed_tokens.weight.to(x.dtype)).float()
        return functional.cross_entropy(logits, targets.flatten(), ignore_index=IGNORE, reduction="sum")

    def logits(self, tokens: Tensor) -> Tensor:
        """Scores [B, T, V] of the next token after each of [B, T], each row one document, in 32 bits."""
        turns = rope_tables(self.shape, tokens.shape[1], tokens.device)
        return functional.linear(
            self.hidden(tokens, reach(torch.zeros_like(tokens)), turns), self.model.embed_tokens.weight
        )
