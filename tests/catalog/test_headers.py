"""Safetensors headers are read without the weights, and not believed."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio.catalog.headers import read_header, read_weights
from studio.core.errors import StudioError


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "model.safetensors"
    save_file({"a": np.zeros((2, 3), np.float32), "b": np.ones(4, np.float16)}, file, {"format": "pt"})
    return file


def header_of(file: Path, header: object, data: bytes = b"") -> None:
    """Write a file with that header."""
    raw = json.dumps(header).encode()
    file.write_bytes(len(raw).to_bytes(8, "little") + raw + data)


def test_tensors_and_sizes_are_read(weights: Path) -> None:
    found = read_weights(weights.parent)
    assert found.tensors["a"].shape == (2, 3)
    assert found.tensors["b"].dtype == "F16"
    assert found.parameters == 10
    assert found.size_bytes == weights.stat().st_size


@pytest.mark.parametrize("keep", [0, 5, 40, -1])
def test_a_truncated_file_is_damaged(weights: Path, keep: int) -> None:
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(StudioError, match="is damaged"):
        read_header(weights)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [10**12, 10**12], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [True, 2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 16]},
        ["F32", [2], [0, 8]],
    ],
)
def test_an_impossible_tensor_is_refused(tmp_path: Path, entry: object) -> None:
    header_of(tmp_path / "x.safetensors", {"w": entry}, bytes(8))
    with pytest.raises(StudioError, match="is damaged"):
        read_header(tmp_path / "x.safetensors")


def test_a_header_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes((10**7).to_bytes(8, "little") + b"{}")
    with pytest.raises(StudioError, match="its header needs"):
        read_header(tmp_path / "x.safetensors")


def test_a_missing_shard_is_named(weights: Path) -> None:
    index = {"weight_map": {"a": "part-1.safetensors", "b": "part-2.safetensors"}}
    (weights.parent / "model.safetensors.index.json").write_text(json.dumps(index))
    weights.rename(weights.with_name("part-1.safetensors"))
    with pytest.raises(StudioError, match=r"part-2\.safetensors is missing"):
        read_weights(weights.parent)


@pytest.mark.parametrize("name", ["../secret.safetensors", "weights.bin", 5])
def test_an_index_may_name_weights_of_its_own_folder_only(weights: Path, name: object) -> None:
    (weights.parent / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(StudioError, match="damaged"):
        read_weights(weights.parent)
