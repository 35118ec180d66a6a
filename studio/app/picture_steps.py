"""The steps of a picture, as the session keeps them: which may touch a lock, and the files that go with one."""

from collections.abc import Mapping
from typing import Final

from studio.core.errors import StudioError
from studio.media.picture.document import PictureDoc, from_text, revision
from studio.media.spans import Edit, SpanText

LOCK_KINDS: Final = ("locked", "unlocked")  # these may change what is locked


def picture_edit(text: SpanText, doc: PictureDoc, step: str, kind: str, take: str = "") -> Edit:
    """The edit that brings a picture's kept text to `doc`.

    Raises StudioError "locked" when a lock layer would come, go or change by a step of another kind.
    """
    if kind not in LOCK_KINDS and locks_of(from_text(text.text)) != locks_of(doc):
        raise StudioError(
            "That would change what is locked, so nothing was changed.",
            kept="The picture is as it was.",
            do="Unlock it first with Ctrl+L, or hide the lock's layer.",
            code="locked",
        )
    return revision(text, doc, step, take)


def locks_of(doc: PictureDoc) -> Mapping[str, str]:
    """The assets of the layers that lock something, by layer."""
    return {layer.id: layer.asset for layer in doc.layers if layer.kind == "lock" and layer.asset}
