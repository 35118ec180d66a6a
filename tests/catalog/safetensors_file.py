"""Safetensors files of zeros, written by hand: names and shapes are all that the catalog reads."""

import json
import math
from collections.abc import Mapping
from pathlib import Path


def write_file(
    file: Path, shapes: Mapping[str, tuple[int, ...]], notes: Mapping[str, str] | None = None
) -> Path:
    """A file with these tensors (fp16 zeros, as a hole in the file)."""
    header: dict[str, object] = {"__metadata__": dict(notes)} if notes else {}
    at = 0
    for name, shape in shapes.items():
        size = 2 * math.prod(shape)
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    raw = json.dumps(header).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(len(raw).to_bytes(8, "little") + raw)
        stream.truncate(8 + len(raw) + at)
    return file
