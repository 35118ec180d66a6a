"""What of a piece goes out of the window: a take's MIDI file, what lies on the clipboard, how it was exported last."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QRectF, QUrl
from PySide6.QtGui import QColor, QPainter, QPixmap

from studio.app.session import Session
from studio.app.settings import Settings
from studio.core.errors import StudioError
from studio.core.files import safe_name, told
from studio.core.takes import Take
from studio.widgets.tones import current_tones

if TYPE_CHECKING:
    from studio.media.music.export import PieceWish
    from studio.media.music.score import Score

MIDI_MIME: Final = "audio/midi"
LAST: Final = "export/piece"
SKETCH_PX: Final = (160, 56)


def base_of(take: Take, session: Session) -> "Score":
    """The score a take grew from. Raises StudioError "asset" or "damaged"."""
    from studio.media.music.carried import unpack

    return unpack(session.asset(take.recipe.composing.score))


def clip_of_take(take: Take, session: Session) -> "Score":
    """A take alone, from its first bar on. Raises as `base_of`."""
    from studio.media.music.take_scores import clip_of

    return clip_of(base_of(take, session), take)


def clip_midi(clip: "Score", title: str) -> bytes:
    """A take alone as a MIDI file. Raises StudioError "empty"."""
    from studio.media.music.midi_write import write_midi

    if not clip.note_count:
        raise StudioError("That take has no notes.", do="Choose another take.", code="empty")
    return write_midi(clip, title=title).data


def sketch(clip: "Score") -> QPixmap:
    """Its notes, small, to hang at the pointer while they are dragged."""
    notes = [note for track in clip.tracks for note in track.notes]
    width, height = SKETCH_PX
    pixmap = QPixmap(width, height)
    pixmap.fill(current_tones().surface)
    low, high = min(note.pitch for note in notes), max(note.pitch for note in notes)
    step, line = width / max(1, clip.end), (height - 8) / (high - low + 1)
    painter = QPainter(pixmap)
    for note in notes:
        box = QRectF(
            note.start * step,
            4 + (high - note.pitch) * line,
            max(1.5, note.duration * step - 1),
            max(1.5, line),
        )
        painter.fillRect(box, QColor(current_tones().accent))
    painter.end()
    return pixmap


class Handed:
    """MIDI files that were handed to other programs by name; they lie here until the window closes."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def mime(self, data: bytes, name: str) -> QMimeData:
        """For a drag or the clipboard: the file for programs that take files, its bytes for those that take MIDI.

        Raises StudioError when it cannot be written.
        """
        with told("write a file for the other program"):
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="atelier-midi-")
            file = Path(self._folder.name, f"{safe_name(name, 'Piece')}.mid")
            file.write_bytes(data)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file))])
        mime.setData(MIDI_MIME, data)
        return mime

    def close(self) -> None:
        """Remove them."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def last_wish(settings: Settings) -> "PieceWish":
    """How a piece was exported last; at first, and where that cannot be read: as MIDI."""
    import msgspec

    from studio.media.music.export import PieceWish

    try:
        return msgspec.json.decode(settings.text(LAST), type=PieceWish)
    except msgspec.DecodeError:
        return PieceWish()


def keep_wish(settings: Settings, wish: "PieceWish") -> None:
    """Remember it for the next export, but not which bars and tracks."""
    import msgspec

    bare = wish.changed(first_bar=None, last_bar=None, tracks=())
    settings.keep(LAST, msgspec.json.encode(bare).decode())
