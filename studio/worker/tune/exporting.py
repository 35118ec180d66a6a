"""A folder for elsewhere: only what plain peft, transformers or diffusers reads, and a page that says how."""

import json
import shutil
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file

from studio.catalog.adapter_note import NOTE_NAME, AdapterNote, read_note
from studio.catalog.config import read_json
from studio.catalog.headers import read_header, read_notes
from studio.catalog.image_adapters import INVERSION_FILE, PEFT_FOLDER
from studio.core.errors import StudioError
from studio.worker.tune.diffusers_files import LORA_FILE
from studio.worker.tune.peft_folders import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from studio.worker.tune.staging import written_whole

LOADING: Final = "LOADING.md"
_KEPT: Final = ("README.md", "LICENSE", "LICENSE.txt")


def export(adapter: Path, out: Path, *, base: str = "", half: bool = False) -> Path:
    """Write what fine-tuning made as a new folder for other programs.

    `base` is what the base model is called there (a path or a hub's name; "": the base's name here). `half` keeps
    an adapter's numbers in float16. Raises StudioError when there is nothing to export, something is in `out` already,
    or the disk refuses.
    """
    note = read_note(adapter)
    called = base or (note.base_title if note else "") or "the base model"

    def write(folder: Path) -> None:
        for name in _KEPT:
            if (adapter / name).is_file():
                shutil.copyfile(adapter / name, folder / name)
        loading = _write(adapter, folder, called, note, half=half)
        (folder / LOADING).write_text(loading, "utf-8")

    return written_whole(out, f"write the export to {out}", write)


def _write(adapter: Path, folder: Path, base: str, note: AdapterNote | None, *, half: bool) -> str:
    """The files, and how they are loaded."""
    if (adapter / "config.json").is_file() or (adapter / "model_index.json").is_file():
        return _whole(adapter, folder, note)
    if (adapter / ADAPTER_CONFIG).is_file():
        _peft(adapter, folder, base, half=half)
        return _page(base, _PEFT)
    if (adapter / LORA_FILE).is_file():
        _tensors(adapter / LORA_FILE, folder / LORA_FILE, half=half)
        return _page(base, _DIFFUSERS)
    if (adapter / INVERSION_FILE).is_file():
        _tensors(adapter / INVERSION_FILE, folder / INVERSION_FILE, half=half)
        several = len(read_header(adapter / INVERSION_FILE)) > 1
        code = _WORD_TWICE if several else _WORD
        return _page(base, code.replace("WORD", note.trigger if note else "the word"))
    parts = sorted((adapter / PEFT_FOLDER).iterdir()) if (adapter / PEFT_FOLDER).is_dir() else []
    if not parts:
        raise StudioError(
            f"There is no adapter and no model in {adapter}.",
            kept="Nothing was written.",
            do="Choose the folder that training wrote.",
            code="adapter",
        )
    for part in parts:
        (folder / part.name).mkdir()
        _peft(part, folder / part.name, f"{base}/{part.name}", half=half)
    lines = [f'PeftModel.from_pretrained(pipe.{part.name}, "{part.name}")' for part in parts]
    return _page(base, _PEFT_PARTS + "\n".join(lines))


def _peft(adapter: Path, folder: Path, base: str, *, half: bool) -> None:
    config = {**read_json(adapter / ADAPTER_CONFIG), "base_model_name_or_path": base}
    (folder / ADAPTER_CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
    _tensors(adapter / ADAPTER_WEIGHTS, folder / ADAPTER_WEIGHTS, half=half)


def _tensors(source: Path, target: Path, *, half: bool) -> None:
    if not half:
        shutil.copyfile(source, target)
        return
    notes = read_notes(source)
    tensors = {
        name: value.to(torch.float16) if value.is_floating_point() else value
        for name, value in load_file(source).items()
    }
    save_file(tensors, target, metadata=notes or None)


def _whole(model: Path, folder: Path, note: AdapterNote | None) -> str:
    """A whole model is plain already: all of it but our note."""
    shutil.copytree(model, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(NOTE_NAME, ".*"))
    if (model / "model_index.json").is_file():
        return _page("", _PIPELINE)
    return _page("", _TOKENS if note is not None and note.art == "music" else _MODEL)


def _page(base: str, code: str) -> str:
    over = f"An adapter over {base}.\n\n" if base else ""
    return f"# How to load this\n\n{over}```python\n{code.strip()}\n```\n"


_PEFT: Final = """
from peft import PeftModel
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("PATH OF THE BASE MODEL")
model = PeftModel.from_pretrained(model, "THIS FOLDER")
"""
_PEFT_PARTS: Final = """
from diffusers import DiffusionPipeline
from peft import PeftModel

pipe = DiffusionPipeline.from_pretrained("PATH OF THE BASE MODEL")
"""
_DIFFUSERS: Final = """
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("PATH OF THE BASE MODEL")
pipe.load_lora_weights("THIS FOLDER")
"""
_WORD: Final = """
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("PATH OF THE BASE MODEL")
pipe.load_textual_inversion("THIS FOLDER", token="WORD")
"""
_WORD_TWICE: Final = """
from diffusers import DiffusionPipeline
from safetensors.torch import load_file

pipe = DiffusionPipeline.from_pretrained("PATH OF THE BASE MODEL")
word = load_file("THIS FOLDER/learned_embeds.safetensors")
first = {"text_encoder": pipe.text_encoder, "tokenizer": pipe.tokenizer}
second = {"text_encoder": pipe.text_encoder_2, "tokenizer": pipe.tokenizer_2}
pipe.load_textual_inversion(word["clip_l"], token="WORD", **first)
pipe.load_textual_inversion(word["clip_g"], token="WORD", **second)
"""
_PIPELINE: Final = """
from diffusers import DiffusionPipeline

pipe = DiffusionPipeline.from_pretrained("THIS FOLDER")
"""
_MODEL: Final = """
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("THIS FOLDER")
tokenizer = AutoTokenizer.from_pretrained("THIS FOLDER")
"""
_TOKENS: Final = """
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("THIS FOLDER")  # its tokens are described in atelier_music.json
"""
