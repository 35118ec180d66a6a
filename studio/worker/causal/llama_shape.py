"""The sizes of a plain Llama, read from its config.json."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LlamaShape:
    """The sizes of a Llama."""

    vocab: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    inner: int
    context: int
    theta: float
    eps: float
    tied: bool


def lean_shape(config: dict[str, Any]) -> LlamaShape | None:
    """The shape of a plain Llama; None for one with a feature that the lean path does not have."""
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    plain = (
        config.get("model_type") == "llama"
        and config.get("architectures") == ["LlamaForCausalLM"]
        and config.get("hidden_act", "silu") == "silu"
        and rope.get("rope_type", rope.get("type", "default")) == "default"
        and not config.get("attention_bias")
        and not config.get("mlp_bias")
        and config.get("pretraining_tp", 1) == 1
        and rope.get("partial_rotary_factor", config.get("partial_rotary_factor", 1.0)) == 1.0
    )
    if not plain:
        return None
    heads = int(config.get("num_attention_heads", 32))
    kv_heads = int(config.get("num_key_value_heads") or heads)
    head_dim = int(config.get("head_dim") or config["hidden_size"] // heads)
    if heads % kv_heads or head_dim % 2:
        return None
    return LlamaShape(
        vocab=int(config["vocab_size"]),
        hidden=int(config["hidden_size"]),
        layers=int(config["num_hidden_layers"]),
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        inner=int(config.get("intermediate_size", 11008)),
        context=int(config.get("max_position_embeddings", 2048)),
        theta=float(rope.get("rope_theta", config.get("rope_theta", 10000.0))),
        eps=float(config.get("rms_norm_eps", 1e-6)),
        tied=bool(config.get("tie_word_embeddings", False)),
    )
