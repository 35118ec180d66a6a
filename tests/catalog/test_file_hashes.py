"""What a weights file is called by its contents, as other programs count."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from studio.catalog import file_hashes
from studio.catalog.file_hashes import FileHashes
from studio.core.errors import StoppedError
from tests.catalog.safetensors_file import write_file

SHAPES = {"lora_unet_x.lora_down.weight": (4, 8), "lora_unet_x.lora_up.weight": (8, 4)}


def sums(file: Path) -> tuple[str, str]:
    data = file.read_bytes()
    tensors = data[8 + int.from_bytes(data[:8], "little") :]
    return hashlib.sha256(data).hexdigest(), hashlib.sha256(tensors).hexdigest()


def test_the_whole_its_tensors_and_what_the_trainer_noted(tmp_path: Path) -> None:
    plain = write_file(tmp_path / "ink.safetensors", SHAPES)
    noted = write_file(tmp_path / "noted.safetensors", SHAPES, {"sshs_model_hash": "ABC123"})
    hashes = FileHashes(tmp_path / "data" / "hashes.json")
    assert hashes.of(str(plain)) == sums(plain)
    assert hashes.of(str(noted)) == (*sums(noted), "abc123")
    assert sums(plain)[1] == sums(noted)[1], "notes do not change the tensors"


def test_of_a_folder_its_lora_is_meant(tmp_path: Path) -> None:
    folder = tmp_path / "style"
    folder.mkdir()
    file = write_file(folder / "pytorch_lora_weights.safetensors", SHAPES)
    assert FileHashes(tmp_path / "hashes.json").of(str(folder)) == sums(file)


def test_a_file_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_file(tmp_path / "ink.safetensors", SHAPES)
    kept = tmp_path / "hashes.json"
    first = FileHashes(kept).of(str(file))
    read: list[Path] = []
    real = file_hashes.hashes_of
    monkeypatch.setattr(
        file_hashes, "hashes_of", lambda path, stopped: read.append(path) or real(path, stopped)
    )
    assert FileHashes(kept).of(str(file)) == first and read == [], "another window too"
    write_file(file, SHAPES, {"sshs_model_hash": "new"})
    assert FileHashes(kept).of(str(file)) != first and read == [file]
    state = file.stat()
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    FileHashes(kept).of(str(file))
    assert read == [file, file]


@pytest.mark.parametrize(
    "data",
    [b"", b"12", b"\xff" * 40, (5).to_bytes(8, "little") + b"nojsn"],
)
def test_what_is_no_weights_file_has_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.safetensors").write_bytes(data)
    hashes = FileHashes(tmp_path / "hashes.json")
    assert hashes.of(str(tmp_path / "bad.safetensors")) == ()
    assert hashes.of(str(tmp_path / "gone.safetensors")) == ()


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"a": 1}', '{"a": ["x", 2, "h"]}', '{"a": [1, 2]}'])
def test_damaged_notes_are_written_anew(tmp_path: Path, text: str) -> None:
    file, kept = write_file(tmp_path / "ink.safetensors", SHAPES), tmp_path / "hashes.json"
    kept.write_text(text.replace('"a"', json.dumps(str(file))))
    assert FileHashes(kept).of(str(file)) == sums(file)
    assert json.loads(kept.read_text())[str(file)][2:] == list(sums(file))


def test_reading_can_be_stopped(tmp_path: Path) -> None:
    file = write_file(tmp_path / "ink.safetensors", SHAPES)
    with pytest.raises(StoppedError):
        FileHashes(tmp_path / "hashes.json").of(str(file), lambda: True)
