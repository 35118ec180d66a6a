"""Models of notes: a causal language model whose folder describes its tokens as music."""

from pathlib import Path
from typing import Final

from studio.catalog.config import read_json
from studio.core.errors import StudioError
from studio.core.pieces import TASKS

DESCRIPTION: Final = "atelier_music.json"  # beside the weights, in place of a tokenizer
_NO_DRUMS: Final = "This model never saw drums"
_DRUMS_DO: Final = "ine-tune it on your own drum files, or add one that did."


def is_music(folder: Path) -> bool:
    """Whether a folder holds a model of notes."""
    return (folder / DESCRIPTION).is_file()


def check_tokens(folder: Path) -> None:
    """Refuse a model whose tokens are not ours. Raises StudioError."""
    from studio.media.music.vocabulary import check_description  # of music only when there is some

    check_description(read_json(folder / DESCRIPTION))


def modes(folder: Path) -> dict[str, str]:
    """What a model of notes can be asked for, by core.pieces.Task: "" where it can, else why not and what to do.

    Its description says whether it was trained on drums; one that does not say so was not.
    """
    drums = read_json(folder / DESCRIPTION).get("drums") is True
    return {task: "" if drums or task != "drums" else f"{_NO_DRUMS}: f{_DRUMS_DO}" for task in TASKS}


def no_drums() -> StudioError:
    """The refusal of a job that writes drums with a model that never saw any; the same words as in `modes`."""
    return StudioError(f"{_NO_DRUMS}.", kept="The piece is as it was.", do=f"F{_DRUMS_DO}", code="no_drums")
