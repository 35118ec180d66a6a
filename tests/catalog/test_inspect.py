"""Model folders are told by their content, and each that cannot be used says which file and why."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from tests.catalog.llama_folder import write_folder


def test_a_good_folder_gives_its_card(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "little-llama")
    card = inspect_model(folder)
    assert (card.kind, card.family, card.title, card.usable) == ("text", "llama", "little llama", True)
    assert card.parameters == 50 * 8 + 2 * 12 * 8
    assert card.context_tokens == 64
    assert card.size_bytes == (folder / "model.safetensors").stat().st_size
    assert card.memory_mib > 0
    assert not card.fill_in


def test_fill_in_marks_are_seen(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m")
    marks = [{"content": f"<|fim_{part}|>"} for part in ("prefix", "suffix", "middle")]
    (folder / "tokenizer.json").write_text(json.dumps({"added_tokens": marks}))
    assert inspect_model(folder).fill_in


def pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02")


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def truncated(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1])


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{" * 5)


def deep_config(folder: Path) -> None:
    (folder / "config.json").write_text("[" * 200_000)


def own_code(folder: Path) -> None:
    (folder / "modeling_odd.py").write_text("raise SystemExit")


def tokenizer_code(folder: Path) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps({"auto_map": {"AutoTokenizer": "odd.Odd"}}))


def pipeline(folder: Path) -> None:
    (folder / "model_index.json").write_text("{}")


def adapter(folder: Path) -> None:
    no_config(folder)
    (folder / "adapter_config.json").write_text("{}")


BROKEN: list[tuple[Callable[[Path], None], str, str]] = [
    (pickle_only, "pytorch_model.bin", "pickle_weights"),
    (no_weights, ".safetensors", "missing_file"),
    (truncated, "model.safetensors", "damaged_model"),
    (no_tokenizer, "tokenizer.json", "missing_file"),
    (no_config, "config.json", "missing_file"),
    (broken_config, "config.json", "damaged_model"),
    (deep_config, "config.json", "damaged_model"),
    (own_code, "modeling_odd.py", "remote_code"),
    (tokenizer_code, "tokenizer_config.json", "remote_code"),
    (pipeline, "model_index.json", "damaged_model"),
    (adapter, "adapter_model.safetensors", "adapter"),
]


@pytest.mark.parametrize(("breaks", "named", "code"), BROKEN, ids=[case[0].__name__ for case in BROKEN])
def test_an_unusable_folder_names_the_file_and_a_way_out(
    breaks: Callable[[Path], None], named: str, code: str, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "m")
    breaks(folder)
    with pytest.raises(StudioError) as caught:
        inspect_model(folder)
    assert named in caught.value.what
    assert caught.value.code == code
    assert caught.value.do


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"num_hidden_layers": 10**9}, "layers"),
        ({"num_hidden_layers": 3}, "layers"),
        ({"vocab_size": 10**12}, "vocabulary"),
        ({"hidden_size": 10**9}, "larger than all the weights"),
        ({"intermediate_size": 10**12}, "intermediate_size"),
        ({"num_attention_heads": 10**9}, "num_attention_heads"),
        ({"head_dim": 10**9}, "head_dim"),
        ({"max_position_embeddings": 10**15}, "context"),
        ({"vocab_size": "many"}, "does not say"),
        ({"vocab_size": -1}, "does not say"),
        ({"auto_map": {"AutoModel": "odd.Odd"}}, "asks to run code"),
        ({"model_type": "odd", "architectures": ["OddForCausalLM"]}, "OddForCausalLM"),
        ({"architectures": ["LlamaForSequenceClassification"]}, "LlamaForSequenceClassification"),
        ({"quantization_config": {"bits": 4}}, "quantised"),
    ],
)
def test_a_config_is_not_believed(changes: dict[str, object], why: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        inspect_model(write_folder(tmp_path / "m", **changes))
    assert why in caught.value.what
    assert caught.value.do


def test_a_file_and_nothing_at_all_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"weights")
    with pytest.raises(StudioError, match="single file"):
        inspect_model(tmp_path / "x.bin")
    with pytest.raises(StudioError, match="There is no folder or file"):
        inspect_model(tmp_path / "nowhere")
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    with pytest.raises(StudioError, match=r"damaged: its header reaches beyond its end"):
        inspect_model(tmp_path / "x.gguf")
    with pytest.raises(StudioError, match="GGUF") as caught:
        inspect_model(tmp_path)
    assert "for example x.gguf" in caught.value.do


def test_the_catalog_needs_no_torch() -> None:
    code = "import sys, studio.catalog.catalog; sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
