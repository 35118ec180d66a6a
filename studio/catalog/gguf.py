"""GGUF files: the header and metadata, read with bounds on everything a file could make us allocate.

Source: the GGUF specification, version 3 (2 has the same layout), of the ggml project.
"""

import math
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from studio.catalog.card import ModelCard
from studio.catalog.headers import damaged
from studio.core.errors import StudioError

MAGIC = b"GGUF"
NEEDS = "Needs the extra package llama-cpp-python: pip install 'atelier-studio[gguf]'"
_VERSIONS = (2, 3)
_MAX_ENTRIES = 100_000
_MAX_TENSORS = 100_000
_MAX_KEY_BYTES = 65_535
_MAX_STRING_BYTES = 4_000_000  # chat templates are the longest
_MAX_LIST = 4_000_000  # a vocabulary and its merges
_MAX_HEADER_BYTES = 256_000_000
_MAX_DIMENSIONS = 4
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _LIST = 8, 9
_MIB = 1024 * 1024
# numbers a block and bytes a block, by ggml's type number
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 30: (1, 2),
}  # fmt: skip
_TYPE_NAMES = {0: "F32", 1: "F16", 30: "BF16", 8: "Q8_0", 2: "Q4_0", 12: "Q4_K", 13: "Q5_K", 14: "Q6_K"}


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says about itself. Lists longer than a few entries are kept only as their length."""

    fields: dict[str, Any]
    parameters: int
    type_name: str  # of most of the weights

    @property
    def architecture(self) -> str:
        """The family, as llama.cpp calls it."""
        name = self.fields.get("general.architecture")
        return name if isinstance(name, str) else ""

    def number(self, name: str) -> int:
        """A whole number of this architecture, 0 when there is none."""
        value = self.fields.get(f"{self.architecture}.{name}")
        return value if type(value) is int else 0


def is_gguf(file: Path) -> bool:
    """Whether a file begins as GGUF does."""
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(4) == MAGIC


def read_gguf(file: Path) -> GgufHeader:
    """The metadata and the sizes of all tensors. Raises StudioError for a file that cannot be trusted."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        reader = _Reader(file, stream, size)
        if reader.take(4) != MAGIC:
            raise damaged(file, "it does not begin as a GGUF file")
        version = reader.number("I")
        if version not in _VERSIONS:
            raise damaged(file, f"it is GGUF version {version}; 2 and 3 are known")
        tensors, entries = reader.number("Q"), reader.number("Q")
        if not 0 < tensors <= _MAX_TENSORS or entries > _MAX_ENTRIES:
            raise damaged(file, f"it announces {tensors} tensors and {entries} entries")
        fields = dict(reader.entry() for _ in range(entries))
        return _weighed(file, reader, fields, tensors, size)


def _weighed(file: Path, reader: "_Reader", fields: dict[str, Any], tensors: int, size: int) -> GgufHeader:
    """Count the parameters and hold every tensor's place against the file's size."""
    parameters, end = 0, 0
    counts: dict[int, int] = {}
    for _ in range(tensors):
        name = reader.string(_MAX_KEY_BYTES)
        dimensions = reader.number("I")
        if not 0 < dimensions <= _MAX_DIMENSIONS:
            raise damaged(file, f"tensor {name!r} has {dimensions} dimensions")
        shape = [reader.number("Q") for _ in range(dimensions)]
        kind, offset = reader.number("I"), reader.number("Q")
        count = math.prod(shape)
        if not 0 < count < 2**48 or offset >= 2**48:
            raise damaged(file, f"tensor {name!r} has an impossible shape")
        parameters += count
        counts[kind] = counts.get(kind, 0) + count
        if kind in _BLOCKS:
            numbers, bytes_ = _BLOCKS[kind]
            end = max(end, offset + -(-count // numbers) * bytes_)
    alignment = fields.get("general.alignment", 32)
    if type(alignment) is not int or not 0 < alignment <= 65_536:
        raise damaged(file, f"its alignment is {alignment!r}")
    start = -(-reader.at // alignment) * alignment
    if start + end > size:
        raise damaged(file, f"it is cut short: {start + end} bytes announced, {size} there")
    most = max(counts, key=lambda kind: counts[kind])
    return GgufHeader(fields, parameters, _TYPE_NAMES.get(most, "quantised"))


class _Reader:
    """Reads a file's beginning and never more of it than a header may take."""

    def __init__(self, file: Path, stream: BinaryIO, size: int) -> None:
        self._file, self._stream, self._limit = file, stream, min(size, _MAX_HEADER_BYTES)
        self.at = 0

    def take(self, count: int) -> bytes:
        self._check(count)
        found = self._stream.read(count)
        if len(found) != count:
            raise damaged(self._file, "it is cut short")
        self.at += count
        return found

    def skip(self, count: int) -> None:
        self._check(count)
        self._stream.seek(count, 1)
        self.at += count

    def _check(self, count: int) -> None:
        if self.at + count > self._limit:
            raise damaged(self._file, "its header reaches beyond its end")

    def number(self, code: str) -> int:
        value: int = struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]
        return value

    def string(self, most: int) -> str:
        length = self.number("Q")
        if length > most:
            raise damaged(self._file, f"it holds a text of {length} bytes")
        return self.take(length).decode("utf-8", errors="replace")

    def entry(self) -> tuple[str, Any]:
        key = self.string(_MAX_KEY_BYTES)
        return key, self._value(key, self.number("I"))

    def _value(self, key: str, kind: int) -> Any:
        if kind == _STRING:
            return self.string(_MAX_STRING_BYTES)
        if kind == _LIST:
            return self._list(key)
        if kind not in _NUMBERS:
            raise damaged(self._file, f"the entry {key!r} is of an unknown type")
        return self.number(_NUMBERS[kind])

    def _list(self, key: str) -> int:
        """Passes over a list; how long it is."""
        kind, length = self.number("I"), self.number("Q")
        if length > _MAX_LIST:
            raise damaged(self._file, f"the list {key!r} has {length} entries")
        if kind == _STRING:
            for _ in range(length):
                most = self.number("Q")
                if most > _MAX_STRING_BYTES:
                    raise damaged(self._file, f"it holds a text of {most} bytes")
                self.skip(most)
        elif kind in _NUMBERS:
            self.skip(length * struct.calcsize("<" + _NUMBERS[kind]))
        else:
            raise damaged(self._file, f"the list {key!r} is of an unknown type")
        return length


def inspect_gguf(file: Path) -> ModelCard:
    """The card of a GGUF file; unusable, with what to install, where llama-cpp-python is not there.

    Raises StudioError for a damaged file and for one that is no language model.
    """
    header = read_gguf(file)
    layers, width = header.number("block_count"), header.number("embedding_length")
    if not header.architecture or layers < 1 or width < 1 or "tokenizer.ggml.tokens" not in header.fields:
        raise StudioError(
            f"{file.name} is a GGUF file, but no language model (it has no layers or no tokenizer).",
            do="Choose a GGUF file of a text model.",
            code="wrong_kind",
        )
    if header.fields.get("split.count", 0) not in (0, 1):
        raise StudioError(
            f"{file.name} is one part of a model that is split into several files.",
            do="Join the parts with llama.cpp's gguf-split, then choose the one file.",
            code="unknown_model",
        )
    size = file.stat().st_size
    ready = find_spec("llama_cpp") is not None
    return ModelCard(
        path=str(file),
        title=f"{file.stem.replace('_', ' ').replace('-', ' ')} ({header.type_name})",
        kind="text",
        family=header.architecture,
        parameters=header.parameters,
        size_bytes=size,
        memory_mib=round(size * 1.2 / _MIB) + 400,
        context_tokens=header.number("context_length") or 2048,
        usable=ready,
        why_not="" if ready else NEEDS,
    )
