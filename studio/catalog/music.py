"""Models of notes: a causal language model whose folder describes its tokens as music."""

from pathlib import Path
from typing import Final

from studio.catalog.config import read_json

DESCRIPTION: Final = "atelier_music.json"  # beside the weights, in place of a tokenizer


def is_music(folder: Path) -> bool:
    """Whether a folder holds a model of notes."""
    return (folder / DESCRIPTION).is_file()


def check_tokens(folder: Path) -> None:
    """Refuse a model whose tokens are not ours. Raises StudioError."""
    from studio.media.music.vocabulary import check_description  # of music only when there is some

    check_description(read_json(folder / DESCRIPTION))
