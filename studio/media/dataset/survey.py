"""The folder doctor: looks through a folder for one art and says what can be learnt from, and what is wrong."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, assert_never

from studio.core.errors import StudioError
from studio.core.tuning import Art, TuneSettings
from studio.media.dataset.aside import aside
from studio.media.dataset.found import Document, Problem, Side, Stopped, Survey, Tell
from studio.media.dataset.looked import Looked
from studio.media.dataset.split import sides
from studio.media.dataset.walk import walk

_WALK_SHARE: Final = 0.02
_TELL_S: Final = 0.1
_NOUNS: Final[dict[Art, str]] = {"text": "text", "image": "picture", "music": "piece"}
Look = Callable[[Path, Sequence[str], TuneSettings, Tell, Stopped], Looked]
_NO_SIDES: Final[Mapping[str, Side]] = {}


def survey(
    settings: TuneSettings,
    tell: Tell,
    stopped: Stopped,
    known: Mapping[str, Side] = _NO_SIDES,
) -> Survey:
    """Look through `settings.folder`; nothing in it is changed. The same folder gives the same survey.

    `known` are sides of an earlier run's documents by sha256; they stay. Folders up to walk.ENTRIES_MOST files.
    Raises StudioError "no_folder", "denied" or "too_many"; StoppedError within 0.2 s.
    """
    if not settings.folder.strip():  # which would be where the program was started
        what = "No folder was chosen to learn from."
        raise StudioError(what, kept="Nothing was changed.", do="Choose one.", code="no_folder")
    folder = Path(settings.folder).expanduser().absolute()
    tell(0.0, "Looking through the folder…")
    walked = walk(folder, tell, stopped)
    skip = set(settings.data.skip)
    files = [file for file in walked.files if file not in skip and not _below(file, skip)]
    quiet = _Quiet(tell)
    looked = _look(settings.art)(folder, files, settings, quiet, stopped)
    problems = _in_order([*walked.problems, *looked.problems])
    documents = aside(lambda _halted: sides(looked.documents, problems, settings.data, known), stopped)
    tell(1.0, "Looked through the folder.")
    return Survey(
        art=settings.art,
        folder=str(folder),
        documents=documents,
        problems=problems,
        seen=walked.seen,
        passed_over=looked.passed_over,
        notes=(*looked.notes, *_few(settings, documents)),
    )


def _look(art: Art) -> Look:
    """An art's own part; each brings libraries that the others need not wait for."""
    match art:
        case "text":
            from studio.media.dataset import texts

            return texts.look
        case "image":
            from studio.media.dataset import pictures

            return pictures.look
        case "music":
            from studio.media.dataset import pieces

            return pieces.look
        case _:
            assert_never(art)


class _Quiet:
    """What an art tells, in its share of the whole, at most ten times a second."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told_s = 0.0

    def __call__(self, done: float, words: str) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            self._tell(_WALK_SHARE + (1 - _WALK_SHARE) * done, words)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """What is left out first, by name."""
    return tuple(sorted(problems, key=lambda problem: (not problem.left_out, problem.file, problem.finding)))


def _below(file: str, skip: set[str]) -> bool:
    """Whether a folder above a file is left out: "drafts" or "drafts/"."""
    parts = file.split("/")[:-1]
    above = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return bool(skip) and any(folder in skip or f"{folder}/" in skip for folder in above)


def _few(settings: TuneSettings, documents: Sequence[Document]) -> list[str]:
    """What too few documents mean."""
    noun = _NOUNS[settings.art]
    wished: list[tuple[Side, float, str]] = [
        ("validation", settings.data.validation, "the run can't tell when it has learnt enough"),
        ("test", settings.data.test, "nothing will say how much better the model became"),
    ]
    notes = []
    for side, share, meaning in wished:
        if documents and share and not any(document.side == side for document in documents):
            notes.append(
                f"There are too few documents for a {side} side: {meaning}. Add a {noun}, or divide one."
            )
    return notes
