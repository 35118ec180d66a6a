"""How much memory a job takes, known before its model is loaded."""

from pathlib import Path

from studio.catalog.card import ModelCard
from studio.catalog.headers import read_header
from studio.catalog.image_families import FAMILIES
from studio.catalog.image_folder import Configs, FolderConfigs
from studio.catalog.image_layout import layout_of
from studio.catalog.image_memory import drawing_mib, weights_mib


def need_mib(card: ModelCard, job_width: int, job_height: int, batch: int, dtype_bytes: int) -> int:
    """MiB that a model and `batch` takes of that size need at once: its weights, and a step or the decoding.

    Sizes in pixels; `dtype_bytes` a number's size. Calibrated against measured peaks, on the safe side.
    """
    configs = configs_of(card)
    core = FAMILIES[card.family].core
    drawing = drawing_mib(
        configs.config(core), configs.config("vae"), job_width, job_height, batch, dtype_bytes
    )
    return weights_mib(card.parameters, dtype_bytes) + drawing


def configs_of(card: ModelCard) -> Configs:
    """Where the configs of an image model's components are read from, for a folder or a checkpoint file."""
    path = Path(card.path)
    if path.is_dir():
        return FolderConfigs(path)
    return layout_of(FAMILIES[card.family], read_header(path), path)
