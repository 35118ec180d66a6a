"""Adapters in PEFT's layout: fresh ones, ones from a folder, ones that go on learning, and how they are kept."""

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import peft
import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from studio.catalog.config import read_json
from studio.core.errors import StudioError
from studio.core.tuning import TuneSettings
from studio.worker.tune import adalora
from studio.worker.tune.method_configs import KIND_OF, budget

ADAPTER_CONFIG: Final = "adapter_config.json"
ADAPTER_WEIGHTS: Final = "adapter_model.safetensors"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """peft's words to its developers are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random starts of adapters depend on the run's seed alone, and disturb no one else's numbers."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def wrapped(model: nn.Module, config: peft.PeftConfig) -> PeftModel:
    """A model with a fresh adapter. Raises StudioError "method" when it can't be."""
    try:
        with quiet():
            prepared: PeftModel = peft.get_peft_model(model, config)
    except ValueError as error:
        raise StudioError(
            f"This model can't be trained so: {first_line(error)}",
            kept="Nothing was changed.",
            do="Choose another method, or other layers (adapter.targets).",
            code="method",
        ) from error
    return prepared


def laid(model: nn.Module, adapter: Path, config: peft.PeftConfig | None = None) -> PeftModel:
    """A model with an adapter from its folder; trainable when a config says so. Raises StudioError "adapter"."""
    _check_kind(adapter)
    trains = config is not None and not config.inference_mode
    try:
        with quiet():
            prepared: PeftModel = PeftModel.from_pretrained(
                model, str(adapter), is_trainable=trains, config=config, local_files_only=True
            )
        _check_complete(prepared, adapter)
    except (OSError, SafetensorError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise unfit(adapter, first_line(error)) from error
    return prepared


def resumed(model: nn.Module, adapter: Path, settings: TuneSettings, steps: int) -> PeftModel:
    """A model with an adapter that goes on learning. Raises StudioError "adapter"."""
    said = _check_kind(adapter)
    kinds = KIND_OF[str(said["peft_type"])]
    was = "dora" if said.get("use_dora") else kinds[0]
    if was != settings.method:
        raise unfit(adapter, f"it was trained by {was}, and {settings.method} is to go on")
    config = peft.PeftConfig.from_pretrained(str(adapter))
    config.inference_mode = False
    if isinstance(config, peft.LoraConfig):
        config.lora_dropout = settings.adapter.dropout
    if isinstance(config, peft.AdaLoraConfig):
        budget(config, steps)
    with seeded(settings.seed):
        if config.is_prompt_learning:  # peft loads those to be used only
            return _learnt_again(wrapped(model, config), adapter)
        return laid(model, adapter, config)


def save_adapter(model: PeftModel, folder: Path, base: str) -> None:
    """An adapter in PEFT's layout. Of AdaLoRA all ranks are kept, masked ones too: what was weighed is what is kept."""
    config: Any = model.peft_config[adalora.ADAPTER]
    config.base_model_name_or_path = base
    pattern = getattr(config, "rank_pattern", None)
    if adalora.is_adalora(model):
        config.rank_pattern = None
    readme = folder / "README.md"
    there = readme.is_file()
    try:
        with quiet():
            model.save_pretrained(str(folder), save_embedding_layers=False)
    finally:
        if adalora.is_adalora(model):
            config.rank_pattern = pattern
    if not there:
        readme.unlink(
            missing_ok=True
        )  # peft's form for a model card; ours is written by those who know the run


def _check_kind(adapter: Path) -> dict[str, Any]:
    """Its adapter_config.json, of a kind we train. Raises StudioError: pickles and foreign kinds are not opened."""
    said = read_json(adapter / ADAPTER_CONFIG)
    if str(said.get("peft_type")) not in KIND_OF:
        raise unfit(adapter, f"this version can't load adapters of its kind ({said.get('peft_type')})")
    if not (adapter / ADAPTER_WEIGHTS).is_file():
        raise unfit(adapter, f"{ADAPTER_WEIGHTS} is missing from it")
    return said


def _check_complete(prepared: PeftModel, adapter: Path) -> None:
    """peft only warns of layers that the file has not. Raises ValueError."""
    config = prepared.peft_config[adalora.ADAPTER]
    if config.is_prompt_learning:
        return
    with quiet():
        wanted = peft.get_peft_model_state_dict(prepared, save_embedding_layers=False)
    missing = sorted(wanted.keys() - load_file(adapter / ADAPTER_WEIGHTS).keys())
    if missing:
        raise ValueError(f"it has nothing for {missing[0]}")


def _learnt_again(prepared: PeftModel, adapter: Path) -> PeftModel:
    """Learnt tokens that go on learning. Raises StudioError "adapter"."""
    try:
        kept = load_file(adapter / ADAPTER_WEIGHTS)["prompt_embeddings"]
        with torch.no_grad():
            prepared.prompt_encoder[adalora.ADAPTER].embedding.weight.copy_(kept)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise unfit(adapter, first_line(error)) from error
    return prepared


def unfit(adapter: Path, why: str) -> StudioError:
    """The error for an adapter or model that does not belong to this one."""
    return StudioError(
        f"{adapter.name} could not be laid over this model: {why}.",
        kept="Nothing was changed.",
        do="Choose an adapter that was trained on this model, or begin anew.",
        code="adapter",
    )


def first_line(error: Exception) -> str:
    """What a library says, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
