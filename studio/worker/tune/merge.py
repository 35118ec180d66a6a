"""A new model from a model and adapters: several mixed, each with its weight, W + the sum of weight * (W' - W)."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.catalog.adapter_note import AdapterNote, write_note
from studio.catalog.adapters import read_adapter
from studio.catalog.card import ModelCard
from studio.catalog.headers import TensorInfo, read_header, read_weights
from studio.catalog.image_folder import weight_files
from studio.core.adapter import Adapter
from studio.core.errors import StoppedError, StudioError
from studio.worker.causal.adapted import Overlay, check_adapters, no_place, read_overlay
from studio.worker.hashing import WeightsHash
from studio.worker.tune.notes import now
from studio.worker.tune.staging import written_whole
from studio.worker.tune.whole import cast, copy_companions, usual_dtype

Stopped = Callable[[], bool]
_STARTS = ("", "transformer.", "model.")  # which files of older models leave out of their tensors' names


def merge(
    card: ModelCard,
    adapters: Sequence[Adapter],
    out: Path,
    *,
    name: str = "",
    stopped: Stopped = lambda: False,
) -> Path:
    """Write a model with these adapters merged into it as a new folder `out`, in the base's layout and number type.

    Neither the base nor the adapters are changed. Learnt tokens before a text can't be merged (StudioError "merge");
    a learnt word joins the tokenizer. Raises StudioError when an adapter does not fit or the disk refuses, and
    StoppedError; nothing is left behind then.
    """
    weighed = _weighed(adapters)
    sha256 = base_sha256(card)
    note = AdapterNote(
        name=name or out.name,
        art="image" if card.kind == "image" else "music" if card.kind == "music" else "text",
        family=card.family,
        method="full",
        base=card.path,
        base_title=card.title,
        base_sha256=sha256,
        made_at=now(),
        merged=tuple(weighed),
    )

    def write(folder: Path) -> None:
        if card.kind == "image":
            from studio.worker.tune.merge_image import merge_image

            merge_image(card, weighed, folder, stopped)
        else:
            _merge_causal(card, weighed, folder, sha256, stopped)
        write_note(folder, note)

    return written_whole(out, f"write the merged model to {out}", write)


def base_sha256(card: ModelCard) -> str:
    """The SHA-256 of a model's weights, as takes have it. Reads all of them. Raises OSError."""
    path = Path(card.path)
    if card.kind == "image":
        return WeightsHash(weight_files(path), {}).result()
    return WeightsHash((path,) if path.is_file() else read_weights(path).files, {}).result()


def _weighed(adapters: Sequence[Adapter]) -> list[tuple[str, float]]:
    """Folder and weight of each; the same one twice counts with both weights, weight 0 not at all."""
    weights: dict[str, float] = {}
    for adapter in adapters:
        path = str(Path(adapter.path).expanduser().resolve())
        weights[path] = weights.get(path, 0.0) + adapter.weight
    found = [(path, weight) for path, weight in weights.items() if weight]
    if not found:
        raise StudioError(
            "There is no adapter to merge.",
            kept="Nothing was written.",
            do="Choose one, with a weight other than 0.",
            code="merge",
        )
    return found


def _merge_causal(
    card: ModelCard, weighed: Sequence[tuple[str, float]], folder: Path, sha256: str, stopped: Stopped
) -> None:
    for path, _ in weighed:
        adapter = read_adapter(path)
        if adapter.virtual_tokens:
            raise StudioError(
                f"The adapter {adapter.title} is learnt tokens before the text: they can't be merged into weights.",
                kept="Nothing was written.",
                do="Use it as an adapter, or train a LoRA.",
                code="merge",
            )
    overlay = read_overlay(check_adapters(tuple(weighed), card, lambda: sha256), card.family)
    base = Path(card.path)
    weights = read_weights(base)
    names = _names(overlay, weights.tensors)
    for file in weights.files:
        if stopped():
            raise StoppedError("Merging was stopped.", kept="Nothing was written.")
        save_file(_laid(overlay, names, file), folder / file.name, metadata={"format": "pt"})
    for extra in ("config.json", "model.safetensors.index.json"):
        if (base / extra).is_file():
            shutil.copyfile(base / extra, folder / extra)
    copy_companions(base, folder)


def _names(overlay: Overlay, tensors: dict[str, TensorInfo]) -> dict[str, str]:
    """Tensor in the files -> its name in the model, for those that the adapters change. Raises StudioError."""
    found: dict[str, str] = {}
    for name in sorted(overlay.touched):
        inside = next(
            (name.removeprefix(start) for start in _STARTS if name.removeprefix(start) in tensors), None
        )
        if inside is not None:
            found[inside] = name
        elif name in overlay.names:
            raise no_place(name)
    return found


def _laid(overlay: Overlay, names: dict[str, str], file: Path) -> dict[str, Tensor]:
    """A file's tensors with the adapters in them, each in the number type it had."""
    types = {name: usual_dtype([info]) for name, info in read_header(file).items()}
    tensors = load_file(file)
    for name, tensor in tensors.items():
        if name in names:
            laid = overlay.laid(names[name], tensor)
            tensors[name] = cast({name: laid}, types[name])[name].clone()
    return tensors
