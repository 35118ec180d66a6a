"""Safetensors headers, read without the weights and checked against the file's real size."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError

MAX_HEADER_BYTES = 100_000_000  # the format's own limit
_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64,
}  # fmt: skip
FLOATING = frozenset({"F16", "BF16", "F32", "F64"})


@dataclass(frozen=True)
class TensorInfo:
    """One tensor as its file declares it."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Weights:
    """All tensors of a model folder and the files they lie in."""

    files: tuple[Path, ...]
    tensors: dict[str, TensorInfo]
    size_bytes: int

    @property
    def parameters(self) -> int:
        """Numbers in all tensors together."""
        return sum(tensor.count for tensor in self.tensors.values())


def damaged(file: Path, why: str) -> StudioError:
    """The error for a weights file that cannot be trusted."""
    return StudioError(
        f"{file.name} in {file.parent} is damaged: {why}.",
        do="Copy or download the file again, then add the model once more.",
        code="damaged_model",
    )


def read_header(file: Path) -> dict[str, TensorInfo]:
    """The tensors a safetensors file declares, by name.

    Raises StudioError when the header is no header, or announces data the file does not hold.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > MAX_HEADER_BYTES or length < 2:
            raise damaged(file, "it does not begin with a safetensors header")
        if 8 + length > size:
            raise damaged(file, f"its header needs {8 + length} bytes, the file has {size}")
        raw = stream.read(length)
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError):
        raise damaged(file, "its header is not JSON") from None
    if not isinstance(header, dict):
        raise damaged(file, "its header is not a table of tensors")
    header.pop("__metadata__", None)
    tensors = {name: _tensor(file, name, entry) for name, entry in header.items()}
    end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
    if 8 + length + end > size:
        raise damaged(file, f"it is cut short: {8 + length + end} bytes announced, {size} there")
    return tensors


def read_notes(file: Path) -> dict[str, str]:
    """The free notes (`__metadata__`) in a safetensors file that `read_header` took; none when there are none."""
    with file.open("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    notes = header.get("__metadata__")
    return {str(key): str(value) for key, value in notes.items()} if isinstance(notes, dict) else {}


def _tensor(file: Path, name: str, entry: Any) -> TensorInfo:
    """One entry of the header, checked: known type, sane shape, as many bytes as the shape needs."""
    try:
        dtype, shape = entry["dtype"], entry["shape"]
        start, end = entry["data_offsets"]
        sizes_fit = all(type(n) is int and 0 <= n < 2**48 for n in (*shape, start, end))
    except (KeyError, TypeError, ValueError):
        raise damaged(file, f"the entry of tensor {name!r} is malformed") from None
    if not sizes_fit or len(shape) > 8:
        raise damaged(file, f"tensor {name!r} has an impossible shape")
    info = TensorInfo(str(dtype), tuple(shape))
    bits = _BITS.get(info.dtype)
    if bits is not None and info.count * bits != (end - start) * 8:
        raise damaged(file, f"tensor {name!r} and its shape do not agree")
    return info


def read_weights(folder: Path) -> Weights:
    """Every tensor of a model folder, over all its shards.

    Raises StudioError when a shard is missing or damaged. Source: the `model.safetensors.index.json` layout.
    """
    index = folder / "model.safetensors.index.json"
    files = shards_of(index) if index.is_file() else sorted(folder.glob("*.safetensors"))
    if (folder / "model.safetensors").is_file() and not index.is_file():
        files = [folder / "model.safetensors"]
    tensors: dict[str, TensorInfo] = {}
    for file in files:
        tensors.update(read_header(file))
    return Weights(tuple(files), tensors, sum(file.stat().st_size for file in files))


def shards_of(index: Path) -> list[Path]:
    """The files an index names. Raises StudioError naming the first one that is not there."""
    try:
        names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged(index, "it is not an index of weight files") from None
    files = []
    for name in names:
        if not isinstance(name, str) or Path(name).name != name or not name.endswith(".safetensors"):
            raise damaged(index, f"it names {name!r}, which is no weights file of this folder")
        file = index.parent / name
        if not file.is_file():
            raise StudioError(
                f"{name} is missing from {index.parent}; {index.name} says it belongs to the model.",
                do="Copy or download the missing file into the folder, then try again.",
                code="missing_file",
            )
        files.append(file)
    return files
