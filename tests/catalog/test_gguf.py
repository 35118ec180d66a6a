"""GGUF files are told by their content, listed also without their package, and never believed blindly."""

import struct
import tracemalloc
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.catalog import gguf as module
from studio.catalog.catalog import Catalog
from studio.catalog.gguf import NEEDS, read_gguf
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from tests.catalog.gguf_bytes import LIST, PLAIN, STRING, U32, field, gguf, tensor, text

Q8_0, UNKNOWN = 8, 999


def write(folder: Path, raw: bytes, name: str = "small.gguf") -> Path:
    file = folder / name
    file.write_bytes(raw)
    return file


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra package is there."""
    monkeypatch.setattr(module, "find_spec", lambda name: ModuleSpec(name, None))


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra package is not there."""
    monkeypatch.setattr(module, "find_spec", lambda name: None)


@pytest.mark.usefixtures("installed")
def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    card = inspect_model(write(tmp_path, gguf(), "model.bin"))
    assert (card.kind, card.family, card.parameters) == ("text", "llama", 8)
    assert (card.context_tokens, card.usable, card.why_not) == (512, True, "")
    assert card.path == str(tmp_path / "model.bin")


@pytest.mark.usefixtures("absent")
def test_without_the_package_it_is_listed_with_what_to_install(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "models.json")
    catalog.add(write(tmp_path, gguf()))
    [card] = catalog.models()
    assert not card.usable
    assert card.why_not == NEEDS
    assert "pip install 'atelier-studio[gguf]'" in card.why_not
    assert card.parameters == 8


@pytest.mark.usefixtures("absent")
def test_without_the_package_the_worker_says_what_to_install(tmp_path: Path) -> None:
    from studio.worker.shelf import Shelf

    with pytest.raises(StudioError) as caught:
        Shelf(lambda event: None).warm(str(write(tmp_path, gguf())))
    assert caught.value.code == "extra_missing"
    assert "llama-cpp-python" in caught.value.do


BIG = 2**63
DAMAGED = {
    "an unknown version": (gguf(version=9), "version 9"),
    "too many tensors": (b"GGUF" + struct.pack("<IQQ", 3, BIG, 0), "announces"),
    "too many entries": (b"GGUF" + struct.pack("<IQQ", 3, 1, BIG), "announces"),
    "no tensors": (gguf(tensors=()), "announces 0 tensors"),
    "an endless key": (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, BIG), "a text of"),
    "an endless text": (
        gguf(fields=(text("a") + struct.pack("<IQ", STRING, BIG),)),
        "a text of",
    ),
    "an endless list": (gguf(fields=(text("a") + struct.pack("<IIQ", LIST, U32, BIG),)), "the list 'a' has"),
    "a long list": (
        gguf(fields=(text("a") + struct.pack("<IIQ", LIST, U32, 1_000_000),)),
        "beyond its end",
    ),
    "a list in a list": (gguf(fields=(text("a") + struct.pack("<IIQ", LIST, LIST, 1),)), "unknown type"),
    "an unknown type": (gguf(fields=(text("a") + struct.pack("<I", 77),)), "unknown type"),
    "too many dimensions": (gguf(tensors=(tensor("w", (1,) * 9),)), "9 dimensions"),
    "an impossible shape": (gguf(tensors=(tensor("w", (2**40, 2**40)),)), "impossible shape"),
    "an empty tensor": (gguf(tensors=(tensor("w", (0, 2)),)), "impossible shape"),
    "weights cut short": (gguf(data=31), "cut short"),
    "blocks cut short": (gguf(tensors=(tensor("w", (64, 2), Q8_0),), data=135), "cut short"),
    "an offset far away": (gguf(tensors=(tensor("w", (4, 2), 0, 2**30),)), "cut short"),
    "a mad alignment": (gguf(fields=(*PLAIN, field("general.alignment", U32, 0))), "alignment"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    raw, why = DAMAGED[name]
    tracemalloc.start()
    try:
        with pytest.raises(StudioError) as caught:
            inspect_model(write(tmp_path, raw))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000  # nothing was allocated on its word
    finally:
        tracemalloc.stop()
    assert caught.value.code == "damaged_model"
    assert why in caught.value.what
    assert caught.value.do


@pytest.mark.usefixtures("installed")
def test_the_sizes_of_quantised_blocks_are_known(tmp_path: Path) -> None:
    card = inspect_model(write(tmp_path, gguf(tensors=(tensor("w", (64, 2), Q8_0),), data=136)))
    assert card.parameters == 128
    assert card.title == "small (Q8_0)"
    inspect_model(write(tmp_path, gguf(tensors=(tensor("w", (64, 2), UNKNOWN),))))  # left to llama.cpp


def test_what_is_no_language_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no language model"):
        inspect_model(write(tmp_path, gguf(fields=PLAIN[:-1])))
    split = (*PLAIN, field("split.count", U32, 3))
    with pytest.raises(StudioError, match="split into several files"):
        inspect_model(write(tmp_path, gguf(fields=split)))


@given(st.integers(0, 400), st.binary(min_size=1, max_size=12))
def test_no_damage_does_more_than_an_error(
    tmp_path_factory: pytest.TempPathFactory, at: int, patch: bytes
) -> None:
    raw = bytearray(gguf())
    raw[at : at + len(patch)] = patch
    file = write(tmp_path_factory.mktemp("fuzz"), bytes(raw))
    try:
        inspect_model(file)
    except StudioError as error:
        assert error.what
        assert error.do


@given(st.integers(0, 300))
def test_a_file_cut_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, keep: int) -> None:
    raw = gguf()
    file = write(tmp_path_factory.mktemp("cut"), raw[: min(keep, len(raw) - 1)])
    with pytest.raises(StudioError):
        read_gguf(file)
