"""A base model kept in 4 or 8 bits a number while an adapter over it learns (QLoRA, arXiv 2305.14314)."""

from typing import Any

import torch
from torch import nn

from studio.catalog.tunable import why_no_bits
from studio.core.errors import StudioError


def loading_options(bits: int, dtype: torch.dtype) -> dict[str, Any]:
    """What `from_pretrained` is told besides; {} for 0 bits. `dtype` is what is computed in.

    Raises StudioError "quantised" when this computer can't.
    """
    if not bits:
        return {}
    if why := why_no_bits(bits, torch.cuda.is_available()):
        raise StudioError(
            why, kept="Nothing was trained yet.", do="Choose 0 bits (the base as it is).", code="quantised"
        )
    from transformers import BitsAndBytesConfig

    if bits == 8:
        config = BitsAndBytesConfig(load_in_8bit=True)
    else:
        config = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    return {"quantization_config": config, "device_map": {"": torch.cuda.current_device()}}


def prepare(model: Any, *, checkpointing: bool) -> Any:
    """A quantised model made ready for an adapter: norms in float32, gradients through the frozen layers."""
    import peft

    prepared: nn.Module = peft.prepare_model_for_kbit_training(
        model,
        use_gradient_checkpointing=checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
    )
    return prepared
