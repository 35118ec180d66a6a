"""The notes of a take whose text is still coming in: only what is new is read."""

from studio.media.music.document_lines import NOTE_LINES, note_columns
from studio.media.music.score import Note


class GrowingNotes:
    """Reads a take's text piece by piece; `notes` holds what its whole lines have said, in their order, by tracks.

    What is no note's line is passed over, as `document_takes.notes_from` does.
    """

    def __init__(self) -> None:
        self.notes: dict[str, list[Note]] = {}
        self.count = 0
        self.length = 0  # characters read, those of an unfinished line among them
        self.last = -1  # the tick at which the note said last begins; -1 before the first
        self._rest = ""
        self._track: list[Note] | None = None

    def feed(self, text: str) -> int:
        """Read more of the text; how many notes that were."""
        self.length += len(text)
        whole, line_end, self._rest = (self._rest + text).rpartition("\n")
        if not line_end:
            return 0
        before = self.count
        block, *sections = f"\n{whole}\n".split("\ntrack ")
        self._read(block[1:])
        for section in sections:
            track_id, _, block = section.partition("\n")
            self._track = self.notes.setdefault(track_id.strip(), [])
            self._read(block)
        return self.count - before

    def _read(self, block: str) -> None:
        if not block or self._track is None:
            return
        if not block.endswith("\n"):
            block += "\n"
        if not NOTE_LINES.fullmatch(block):
            block = "".join(line for line in block.splitlines(keepends=True) if NOTE_LINES.fullmatch(line))
        notes = list(map(Note, *note_columns(block)))
        if notes:
            self._track += notes
            self.count += len(notes)
            self.last = notes[-1].start

    def in_order(self) -> dict[str, tuple[Note, ...]]:
        """What has been said so far, as `notes_from` tells it."""
        return {track_id: tuple(sorted(notes)) for track_id, notes in self.notes.items()}
