"""A folder of pictures as training data: each is opened and checked, its caption found, its doubles told."""

import math
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from studio.core.errors import StoppedError, StudioError
from studio.core.tune_events import Finding
from studio.core.tuning import TuneSettings
from studio.media.dataset.captions import Captions, read_edits, spoken
from studio.media.dataset.captions_given import given
from studio.media.dataset.found import Document, Problem, Stopped, Tell
from studio.media.dataset.likeness import Signature
from studio.media.dataset.looked import Looked
from studio.media.dataset.picture_doubles import without_doubles
from studio.media.dataset.picture_opening import Picture, opened
from studio.media.picture.files import NAMES, SUFFIXES
from studio.media.picture.headers import format_of

SIDE_LEAST_PX: Final = 16  # below that there is nothing to see
ENLARGED_MOST: Final = 8.0  # so many times: more and only a blur is learnt
ENLARGED_TOLD: Final = 2.0
NOT_READ: Final = frozenset(  # pictures for people, but of kinds that are not opened here
    (".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".psd", ".xcf", ".exr", ".ico", ".cr2", ".nef", ".arw", ".dng")
)  # fmt: skip
_FINDINGS: Final[dict[str, Finding]] = {
    "truncated": "truncated",
    "not_a_picture": "not_this_kind",
    "too_large": "large",
    "memory": "large",
}  # of the codes of picture.files
_TELL_EVERY: Final = 8
_COMPARING: Final = 0.95  # the share of the time that opening takes


def look(folder: Path, files: Sequence[str], settings: TuneSettings, tell: Tell, stopped: Stopped) -> Looked:
    """Look through the pictures among `files` (names relative to `folder`, forward slashes).

    Every picture is decoded (JPEG at an eighth of its size), so what is damaged inside is found too. Raises StudioError
    "captions" for a damaged file of the person's own captions, StoppedError.
    """
    names = [name for name in files if _may_be_picture(folder, name)]
    captions, problems, passed_over = _captions(folder, files, names, settings)
    looking = _Looking(folder, settings, captions, problems, stopped)
    for at, name in enumerate(names):
        looking.check()
        if at % _TELL_EVERY == 0:
            tell(_COMPARING * at / len(names), f"Looking at picture {at + 1:,} of {len(names):,}…")
        looking.see(name)
    documents = looking.documents()

    def tick(at: int) -> None:
        looking.check()
        share = at / max(1, len(documents))
        tell(_COMPARING + (1 - _COMPARING) * share, "Comparing the pictures…")

    kept, doubled = without_doubles(
        documents,
        looking.signs,
        {document.file: captions.of(document.file).text for document in documents},
        settings.data.drop_duplicates,
        tick,
    )
    return Looked(
        documents=tuple(sorted(kept, key=lambda document: document.file)),
        problems=(*looking.problems, *doubled),
        passed_over=passed_over,
        notes=looking.notes(),
    )


def captions_of(folder: Path, files: Sequence[str], edits: Path | None) -> Captions:
    """The captions to edit: of the folder's pictures, with what the person has changed so far (`edits`).

    Raises StudioError "captions".
    """
    names = [name for name in files if _may_be_picture(folder, name)]
    return Captions(given=given(folder, files, names).captions, own=read_edits(edits) if edits else {})


def signature_of(path: Path) -> Signature:
    """The signature of a picture file. Raises StudioError as picture.files.check_picture does."""
    return opened(path, path.name).sign


def _captions(
    folder: Path, files: Sequence[str], names: Sequence[str], settings: TuneSettings
) -> tuple[Captions, list[Problem], int]:
    """The captions, what is wrong with their files, and how many files are neither picture nor caption."""
    found = given(folder, files, names)
    own = read_edits(Path(settings.image.captions)) if settings.image.captions else {}
    passed_over = len(files) - len(names) - len(found.files)
    return Captions(given=found.captions, own=own), list(found.problems), passed_over


def _may_be_picture(folder: Path, name: str) -> bool:
    """By its name; a name without an ending by its first bytes."""
    suffix = posixpath.splitext(name)[1].lower()
    if suffix:
        return suffix in SUFFIXES or suffix in NOT_READ
    try:
        with (folder / name).open("rb") as stream:
            return format_of(stream.read(32)) is not None
    except OSError:
        return False


class _Looking:
    """One survey of pictures: what can be used, what is wrong, and what is worth a sentence at the end."""

    def __init__(
        self,
        folder: Path,
        settings: TuneSettings,
        captions: Captions,
        problems: list[Problem],
        stopped: Stopped,
    ) -> None:
        self.folder, self.settings, self.captions = folder, settings, captions
        self.problems, self._stopped = problems, stopped
        self._pictures: list[Picture] = []
        self.signs: dict[str, Signature] = {}
        self._moving = 0
        self._left_without = 0

    def check(self) -> None:
        if self._stopped():
            raise StoppedError(
                "The pictures were not looked through to the end.", kept="Nothing was changed."
            )

    def see(self, name: str) -> None:
        """Open one picture and keep it, or tell why it cannot be used."""
        try:
            picture = opened(self.folder / name, name)
        except StudioError as error:
            self._problem(name, _finding(self.folder / name, error), _predicate(error, name))
            return
        if why := self._too_small(picture):
            self._problem(name, "small", why)
        elif picture.sign.blank:
            self._problem(name, "empty", "is of one colour all over; there is nothing to learn from it")
        else:
            self._tell_of(picture)
            self._pictures.append(picture)
            self.signs[name] = picture.sign

    def _too_small(self, picture: Picture) -> str:
        shown = f"{picture.width:,} × {picture.height:,} pixels"
        if min(picture.width, picture.height) < SIDE_LEAST_PX:
            return f"is only {shown}; a side has to have {SIDE_LEAST_PX} at least"
        times = _enlarged(picture, self.settings.image.size)
        return (
            f"is only {shown} and would have to be made {times:.0f} times as large"
            if times > ENLARGED_MOST
            else ""
        )

    def _tell_of(self, picture: Picture) -> None:
        """What is odd about a picture that is used all the same."""
        name, head = picture.file, picture.head
        named = SUFFIXES.get(posixpath.splitext(name)[1].lower())
        if named is not None and named != head.format:
            words = (
                f"is a {NAMES[head.format]} file by its content, whatever its name says; it is used as that"
            )
            self._problem(name, "not_this_kind", words, left_out=False)
        times = _enlarged(picture, self.settings.image.size)
        if times > ENLARGED_TOLD:
            shown = f"{picture.width:,} × {picture.height:,} pixels"
            self._problem(name, "small", f"is {shown}; it is made {times:.1f} times as large", left_out=False)
        self._moving += head.frames > 1

    def documents(self) -> list[Document]:
        """Those that have something to be told by, with that."""
        found = []
        for picture in self._pictures:
            caption = self.captions.of(picture.file)
            words = spoken(caption.text, self.settings.image)
            source = (
                caption.source if caption.text else ("settings" if self.settings.image.caption else "trigger")
            )
            if not caption.text:
                left_out = not words and self.settings.method != "textual_inversion"
                self._left_without += left_out
                instead = (
                    "and is left out"
                    if left_out
                    else f"“{words[:80]}” stands in"
                    if words
                    else "and needs none"
                )
                self._problem(picture.file, "no_caption", f"has no caption {instead}", left_out=left_out)
                if left_out:
                    continue
            found.append(
                Document(
                    file=picture.file,
                    side="train",
                    sha256=picture.sha256,
                    units=picture.width * picture.height,
                    size_bytes=picture.size_bytes,
                    caption=words,
                    caption_from=source if words else "",
                    width=picture.width,
                    height=picture.height,
                )
            )
        return found

    def notes(self) -> tuple[str, ...]:
        """Sentences about the folder as a whole."""
        made = []
        if self._moving:
            made.append(
                f"Pictures with several frames or pages: {self._moving:,}; of each the first one is used."
            )
        if self._left_without:
            made.append(
                f"Pictures left out because they have no caption: {self._left_without:,}. Write one beside each (a .txt"
                " of the same name), or give a caption or a trigger word for all."
            )
        return tuple(made)

    def _problem(self, name: str, finding: Finding, words: str, left_out: bool = True) -> None:
        self.problems.append(Problem(file=name, finding=finding, words=words, left_out=left_out))


def _enlarged(picture: Picture, size: int) -> float:
    """How many times as wide it has to be made for pictures of size x size; 0 where the size is not known."""
    return float(size) / math.sqrt(picture.width * picture.height)


def _finding(path: Path, error: StudioError) -> Finding:
    if isinstance(error.__cause__, PermissionError):
        return "denied"
    if error.code == "truncated" and path.is_file() and not path.stat().st_size:
        return "empty"
    return _FINDINGS.get(error.code, "unreadable")


def _predicate(error: StudioError, name: str) -> str:
    """An error's words without the name that they begin with."""
    return error.what.removeprefix(name).strip().rstrip(".")
