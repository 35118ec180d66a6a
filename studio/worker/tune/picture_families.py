"""How the families of picture models are asked while they learn: captions read, noisy latents answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor

from studio.worker.image.latents import unpacked
from studio.worker.image.loading import ImageModel

Told = Mapping[str, Tensor]  # one caption as a network reads it; no axis of pictures
_TRAINED_GUIDANCE: Final = (
    1.0  # what a distilled Flux is told while it learns: the loss is that of no guidance
)
_BLANK: Final = " "  # what Qwen-Image is given for an empty caption


def read_captions(model: ImageModel, captions: Sequence[str]) -> list[Told]:
    """Each caption as the network reads it, through the pipeline's own encoders. Gradients pass where they are on."""
    told = _READERS[model.family](model.any_pipe(), list(captions))
    if len(told) != len(captions):
        raise AssertionError(f"{len(captions)} captions, {len(told)} were read")
    return told


def predict(model: ImageModel, noisy: Tensor, times: Tensor, told: Sequence[Told], framed: Tensor) -> Tensor:
    """What the network says of noisy latents, float (B, C, h, w): the same shape.

    `times` (B,) are those of the scheduler (0..1000); `framed` (B, 6): how the pictures were cut (SDXL): height and
    width as they were, top and left of the cut, height and width as they are.
    """
    return _PREDICTORS[model.family](model.core, noisy, times, told, framed)


# Captions


def _read_sd(pipe: Any, captions: list[str]) -> list[Told]:
    tokens, _ = pipe.encode_prompt(captions, pipe.text_encoder.device, 1, False)
    return [{"tokens": row} for row in tokens]


def _read_sdxl(pipe: Any, captions: list[str]) -> list[Told]:
    tokens, _, pooled, _ = pipe.encode_prompt(
        captions, device=pipe.text_encoder_2.device, do_classifier_free_guidance=False
    )
    if pipe.config.get("force_zeros_for_empty_prompt", False):  # as the pipeline gives an empty phrase
        kept = torch.tensor([float(bool(caption)) for caption in captions], device=tokens.device)
        tokens = tokens * kept.view(-1, 1, 1).to(tokens.dtype)
        pooled = pooled * kept.view(-1, 1).to(pooled.dtype)
    return [{"tokens": row, "pooled": one} for row, one in zip(tokens, pooled, strict=True)]


def _read_sd3(pipe: Any, captions: list[str]) -> list[Told]:
    tokens, _, pooled, _ = pipe.encode_prompt(
        captions, captions, captions, device=pipe.text_encoder.device, do_classifier_free_guidance=False
    )
    return [{"tokens": row, "pooled": one} for row, one in zip(tokens, pooled, strict=True)]


def _read_flux(pipe: Any, captions: list[str]) -> list[Told]:
    tokens, pooled, _ = pipe.encode_prompt(captions, captions, device=pipe.text_encoder.device)
    return [{"tokens": row, "pooled": one} for row, one in zip(tokens, pooled, strict=True)]


def _read_qwen(pipe: Any, captions: list[str]) -> list[Told]:
    rows: list[Told] = []
    for caption in captions:  # one at a time, unpadded: a row does not depend on its neighbours
        tokens, _ = pipe.encode_prompt([caption or _BLANK], device=pipe.text_encoder.device)
        rows.append({"tokens": tokens[0]})
    return rows


def _read_z(pipe: Any, captions: list[str]) -> list[Told]:
    rows, _ = pipe.encode_prompt(captions, device=pipe.text_encoder.device, do_classifier_free_guidance=False)
    return [{"tokens": row} for row in rows]


# Networks


def _stacked(told: Sequence[Told], name: str, like: Tensor) -> Tensor:
    return torch.stack([one[name] for one in told]).to(like.device, like.dtype)


def _ask_sd(core: Any, noisy: Tensor, times: Tensor, told: Sequence[Told], framed: Tensor) -> Tensor:
    del framed
    return core(noisy, times, _stacked(told, "tokens", noisy), return_dict=False)[0]


def _ask_sdxl(core: Any, noisy: Tensor, times: Tensor, told: Sequence[Told], framed: Tensor) -> Tensor:
    added = {
        "text_embeds": _stacked(told, "pooled", noisy),
        "time_ids": framed.to(noisy.device, noisy.dtype),
    }
    tokens = _stacked(told, "tokens", noisy)
    return core(noisy, times, tokens, added_cond_kwargs=added, return_dict=False)[0]


def _ask_sd3(core: Any, noisy: Tensor, times: Tensor, told: Sequence[Told], framed: Tensor) -> Tensor:
    del framed
    return core(
        hidden_states=noisy,
        timestep=times,
        encoder_hidden_states=_stacked(told, "tokens", noisy),
        pooled_projections=_stacked(told, "pooled", noisy),
        return_dict=False,
    )[0]


def _ask_flux(core: Any, noisy: Tensor, times: Tensor, told: Sequence[Told], framed: Tensor) -> Tensor:
    del framed
    count, _, height, width = noisy.shape
    tokens = _stacked(told, "tokens", noisy)
    guided = getattr(core.config, "guidance_embeds", False)
    found = core(
        hidden_states=packed(noisy),
        timestep=times / 1000,
        guidance=torch.full((count,), _TRAINED_GUIDANCE, device=noisy.device) if guided else None,
        pooled_projections=_stacked(told, "pooled", noisy),
        encoder_hidden_states=tokens,
        txt_ids=torch.zeros(tokens.shape[1], 3, device=noisy.device, dtype=noisy.dtype),
        img_ids=_places(height // 2, width // 2, noisy),
        return_dict=False,
    )[0]
    return unpacked(found, width, height, 1)


def _ask_qwen(core: Any, noisy: Tensor, times: Tensor, told: Sequence[Told], framed: Tensor) -> Tensor:
    del framed
    count, _, height, width = noisy.shape
    lengths = [len(one["tokens"]) for one in told]
    padded = torch.nn.utils.rnn.pad_sequence([one["tokens"] for one in told], batch_first=True)
    mask = torch.arange(max(lengths))[None, :] < torch.tensor(lengths)[:, None]  # (B, tokens)
    found = core(
        hidden_states=packed(noisy),
        timestep=times / 1000,
        encoder_hidden_states=padded.to(noisy.device, noisy.dtype),
        encoder_hidden_states_mask=None if mask.all() else mask.long().to(noisy.device),
        img_shapes=[[(1, height // 2, width // 2)]] * count,
        return_dict=False,
    )[0]
    return unpacked(found, width, height, 1)


def _ask_z(core: Any, noisy: Tensor, times: Tensor, told: Sequence[Told], framed: Tensor) -> Tensor:
    del framed
    found = core(
        list(noisy.unsqueeze(2).unbind(0)),  # (C, frames 1, h, w) each
        (1000 - times) / 1000,
        [one["tokens"].to(noisy.device, noisy.dtype) for one in told],
        return_dict=False,
    )[0]
    return -torch.stack(list(found)).squeeze(
        2
    )  # it foresees the way to the picture, the others that to the noise


def packed(latents: Tensor) -> Tensor:
    """(N, C, h, w) as rows of 2 x 2 latents: (N, h/2 * w/2, 4 C). The way back is `worker.image.latents.unpacked`."""
    count, channels, height, width = latents.shape
    grid = latents.view(count, channels, height // 2, 2, width // 2, 2)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(count, (height // 2) * (width // 2), channels * 4)


def _places(rows: int, columns: int, like: Tensor) -> Tensor:
    """Where each piece lies: (rows * columns, 3) of zero, row, column."""
    ids = torch.zeros(rows, columns, 3)
    ids[..., 1] = torch.arange(rows)[:, None]
    ids[..., 2] = torch.arange(columns)[None, :]
    return ids.view(-1, 3).to(like.device, like.dtype)


_Reader = Callable[[Any, list[str]], list[Told]]
_Predictor = Callable[[Any, Tensor, Tensor, Sequence[Told], Tensor], Tensor]
_READERS: Final[dict[str, _Reader]] = {
    "sd1": _read_sd, "sd2": _read_sd, "sdxl": _read_sdxl, "sd3": _read_sd3, "flux": _read_flux,
    "qwen_image": _read_qwen, "z_image": _read_z,
}  # fmt: skip
_PREDICTORS: Final[dict[str, _Predictor]] = {
    "sd1": _ask_sd, "sd2": _ask_sd, "sdxl": _ask_sdxl, "sd3": _ask_sd3, "flux": _ask_flux,
    "qwen_image": _ask_qwen, "z_image": _ask_z,
}  # fmt: skip
