"""Writes a plain Llama's folder as a GGUF file, for the bench and for tests: same weights, same tokenizer.

Source: the GGUF specification, version 3, of the ggml project; byte-level BPE tokenizers only.
"""

import json
import struct
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import torch
from torch import Tensor

from studio.worker.causal.llama_shape import LlamaShape, lean_shape
from studio.worker.causal.weights import WeightFiles

Kind = Literal["f32", "f16", "q8_0"]
_TYPES: dict[str, int] = {"f32": 0, "f16": 1, "q8_0": 8}
_U32, _F32, _BOOL, _STRING, _LIST, _I32 = 4, 6, 7, 8, 9, 5
_ALIGN = 32
_BLOCK = 32  # numbers that share one scale in Q8_0
_NORMAL, _CONTROL = 1, 3


def copy_as_gguf(folder: Path, to: Path, kind: Kind) -> None:
    """Write the model of a folder to a file. Raises ValueError when it is no plain Llama with a BPE tokenizer."""
    shape = lean_shape(json.loads((folder / "config.json").read_text("utf-8")))
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    if shape is None or tokenizer["model"]["type"] != "BPE":
        raise ValueError("only plain Llamas with a BPE tokenizer can be copied")
    fields = _settings(shape) + _vocabulary(shape, tokenizer)
    with WeightFiles(folder) as files:
        tensors = _tensors(shape, files, kind)
    with to.open("wb") as out:
        out.write(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields)))
        for name, value_type, value in fields:
            _text(out, name)
            out.write(struct.pack("<I", value_type))
            _value(out, value_type, value)
        _weights(out, tensors)


def _weights(out: BinaryIO, tensors: list[tuple[str, tuple[int, ...], int, bytes]]) -> None:
    """The table of tensors, then their numbers."""
    offset = 0
    for name, size, type_number, data in tensors:
        _text(out, name)
        out.write(struct.pack("<I", len(size)))
        out.write(struct.pack(f"<{len(size)}Q", *reversed(size)))
        out.write(struct.pack("<IQ", type_number, offset))
        offset += _padded(len(data))
    out.write(b"\0" * (_padded(out.tell()) - out.tell()))
    for _, _, _, data in tensors:
        out.write(data + b"\0" * (_padded(len(data)) - len(data)))


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def _text(out: BinaryIO, text: str) -> None:
    raw = text.encode()
    out.write(struct.pack("<Q", len(raw)) + raw)


def _value(out: BinaryIO, kind: int, value: Any) -> None:
    if kind == _STRING:
        _text(out, value)
    elif kind == _LIST:
        of, items = value
        out.write(struct.pack("<IQ", of, len(items)))
        for item in items:
            _value(out, of, item)
    else:
        out.write(struct.pack({_U32: "<I", _F32: "<f", _BOOL: "<?", _I32: "<i"}[kind], value))


def _settings(s: LlamaShape) -> list[tuple[str, int, Any]]:
    numbers = {
        "block_count": s.layers,
        "context_length": s.context,
        "embedding_length": s.hidden,
        "feed_forward_length": s.inner,
        "attention.head_count": s.heads,
        "attention.head_count_kv": s.kv_heads,
        "attention.key_length": s.head_dim,
        "attention.value_length": s.head_dim,
        "rope.dimension_count": s.head_dim,
        "vocab_size": s.vocab,
    }
    found: list[tuple[str, int, Any]] = [("general.architecture", _STRING, "llama")]
    found += [(f"llama.{name}", _U32, value) for name, value in numbers.items()]
    found.append(("llama.attention.layer_norm_rms_epsilon", _F32, s.eps))
    found.append(("llama.rope.freq_base", _F32, s.theta))
    return found


def _vocabulary(s: LlamaShape, tokenizer: dict[str, Any]) -> list[tuple[str, int, Any]]:
    words = {number: word for word, number in tokenizer["model"]["vocab"].items()}
    special = {token["id"] for token in tokenizer["added_tokens"] if token["special"]}
    words |= {token["id"]: token["content"] for token in tokenizer["added_tokens"]}
    by_name = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]
    end = min(special, default=0)
    found: list[tuple[str, int, Any]] = [
        ("tokenizer.ggml.model", _STRING, "gpt2"),
        ("tokenizer.ggml.pre", _STRING, "gpt-2"),
        ("tokenizer.ggml.tokens", _LIST, (_STRING, [words.get(n, f"<unused{n}>") for n in range(s.vocab)])),
        (
            "tokenizer.ggml.token_type",
            _LIST,
            (_I32, [_CONTROL if n in special or n not in words else _NORMAL for n in range(s.vocab)]),
        ),
        ("tokenizer.ggml.merges", _LIST, (_STRING, merges)),
        ("tokenizer.ggml.bos_token_id", _U32, end),
        ("tokenizer.ggml.eos_token_id", _U32, end),
        ("tokenizer.ggml.add_bos_token", _BOOL, False),
    ]
    for name, mark in (("fim_pre", "prefix"), ("fim_suf", "suffix"), ("fim_mid", "middle")):
        number = by_name.get(f"<|fim_{mark}|>")
        if number is not None:
            found.append((f"tokenizer.ggml.{name}_token_id", _U32, number))
    return found


def _tensors(s: LlamaShape, files: WeightFiles, kind: Kind) -> list[tuple[str, tuple[int, ...], int, bytes]]:
    """(name, shape, ggml type, data) of every tensor; rows of q and k in the order llama.cpp rotates them."""
    found = []

    def put(name: str, tensor: Tensor) -> None:
        rough = kind if tensor.ndim == 2 and tensor.shape[-1] % _BLOCK == 0 else "f32"
        found.append((name, tuple(tensor.shape), _TYPES[rough], _stored(tensor.float(), rough)))

    def paired(tensor: Tensor) -> Tensor:
        return tensor.view(-1, 2, s.head_dim // 2, s.hidden).transpose(1, 2).reshape(tensor.shape)

    wide, keys = s.heads * s.head_dim, s.kv_heads * s.head_dim
    put("token_embd.weight", files.take("model.embed_tokens.weight", (s.vocab, s.hidden)))
    for number in range(s.layers):
        a, b = f"model.layers.{number}.", f"blk.{number}."
        put(b + "attn_norm.weight", files.take(a + "input_layernorm.weight", (s.hidden,)))
        put(b + "attn_q.weight", paired(files.take(a + "self_attn.q_proj.weight", (wide, s.hidden))))
        put(b + "attn_k.weight", paired(files.take(a + "self_attn.k_proj.weight", (keys, s.hidden))))
        put(b + "attn_v.weight", files.take(a + "self_attn.v_proj.weight", (keys, s.hidden)))
        put(b + "attn_output.weight", files.take(a + "self_attn.o_proj.weight", (s.hidden, wide)))
        put(b + "ffn_norm.weight", files.take(a + "post_attention_layernorm.weight", (s.hidden,)))
        put(b + "ffn_gate.weight", files.take(a + "mlp.gate_proj.weight", (s.inner, s.hidden)))
        put(b + "ffn_up.weight", files.take(a + "mlp.up_proj.weight", (s.inner, s.hidden)))
        put(b + "ffn_down.weight", files.take(a + "mlp.down_proj.weight", (s.hidden, s.inner)))
    put("output_norm.weight", files.take("model.norm.weight", (s.hidden,)))
    if not s.tied:
        put("output.weight", files.take("lm_head.weight", (s.vocab, s.hidden)))
    return found


def _stored(tensor: Tensor, kind: str) -> bytes:
    if kind == "f32":
        return tensor.numpy().tobytes()
    if kind == "f16":
        return tensor.to(torch.float16).numpy().tobytes()
    blocks = tensor.reshape(-1, _BLOCK).numpy()  # Q8_0: a scale in f16, then 32 bytes
    scale = (np.abs(blocks).max(1) / 127).astype(np.float16)
    safe = np.where(scale == 0, 1, scale).astype(np.float32)
    table = np.empty(len(blocks), np.dtype([("scale", "<f2"), ("numbers", "i1", _BLOCK)]))
    table["scale"] = scale
    table["numbers"] = np.clip(np.round(blocks / safe[:, None]), -127, 127)
    return table.tobytes()
