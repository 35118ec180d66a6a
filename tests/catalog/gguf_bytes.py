"""GGUF headers made by hand, to be told apart, listed and damaged."""

import struct
from typing import Any

U32, F32, STRING, LIST, U64 = 4, 6, 8, 9, 10
F32_TENSOR = 0


def text(value: str) -> bytes:
    """A GGUF string."""
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def field(name: str, kind: int, value: Any) -> bytes:
    """One entry of the metadata."""
    if kind == STRING:
        return text(name) + struct.pack("<I", STRING) + text(value)
    if kind == LIST:
        items = b"".join(text(item) for item in value)
        return text(name) + struct.pack("<IIQ", LIST, STRING, len(value)) + items
    return text(name) + struct.pack("<I", kind) + struct.pack({U32: "<I", F32: "<f", U64: "<Q"}[kind], value)


PLAIN = (
    field("general.architecture", STRING, "llama"),
    field("llama.block_count", U32, 2),
    field("llama.embedding_length", U32, 4),
    field("llama.context_length", U32, 512),
    field("llama.rope.freq_base", F32, 10_000.0),
    field("tokenizer.ggml.tokens", LIST, ["a", "b"]),
)


def tensor(name: str, shape: tuple[int, ...], kind: int = F32_TENSOR, offset: int = 0) -> bytes:
    """One entry of the table of tensors."""
    sizes = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return text(name) + sizes + struct.pack("<IQ", kind, offset)


def gguf(
    fields: tuple[bytes, ...] = PLAIN,
    tensors: tuple[bytes, ...] = (tensor("token_embd.weight", (4, 2)),),
    data: int = 32,
    version: int = 3,
) -> bytes:
    """A whole file, with so many bytes of weights."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(fields))
    body = head + b"".join(fields) + b"".join(tensors)
    return body + b"\0" * (-len(body) % 32) + b"\0" * data
