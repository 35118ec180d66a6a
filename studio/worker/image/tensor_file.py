"""Reads tensors of a safetensors file into memory of their own, in blocks, so that a cancel is heard within one."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import torch
from torch import Tensor

from studio.catalog.headers import damaged, read_header

_BLOCK_BYTES = 16 * 1024 * 1024
_DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
}  # fmt: skip
Told = Callable[[int], None]  # told the bytes that were read; raises StoppedError when the job was cancelled


class TensorFile:
    """A safetensors file that is read, not mapped: its pages are not held, and it may change or vanish meanwhile."""

    def __init__(self, file: Path) -> None:
        """Raises StudioError when the file is damaged."""
        read_header(file)  # checked against the file's size
        self._file = file
        self._stream: BinaryIO = file.open("rb")
        length = int.from_bytes(self._stream.read(8), "little")
        self._entries: dict[str, Any] = json.loads(self._stream.read(length))
        self._entries.pop("__metadata__", None)
        self._start = 8 + length

    def __enter__(self) -> "TensorFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def names(self) -> Iterator[str]:
        """The tensors, as they lie in the file."""
        return iter(sorted(self._entries, key=lambda name: self._entries[name]["data_offsets"][0]))

    def read(self, name: str, told: Told) -> Tensor:
        """One tensor. Raises StudioError when the file ends too early, StoppedError through `told`."""
        entry = self._entries[name]
        if entry["dtype"] not in _DTYPES:
            raise damaged(self._file, f"tensor {name!r} is of the type {entry['dtype']}, which is not known")
        begin, end = entry["data_offsets"]
        raw = torch.empty(end - begin, dtype=torch.uint8)
        view = memoryview(raw.numpy())
        self._stream.seek(self._start + begin)
        for at in range(0, len(view), _BLOCK_BYTES):
            block = view[at : at + _BLOCK_BYTES]
            if self._stream.readinto(block) != len(block):  # type: ignore[attr-defined]
                raise damaged(self._file, f"it ends within tensor {name!r}")
            told(len(block))
        return raw.view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
