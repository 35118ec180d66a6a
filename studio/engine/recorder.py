"""Turns a worker's events into takes in the project: what streams is on disk within half a second."""

import time
from collections.abc import Iterable

from msgspec.structs import replace

from studio.core.events import Delta, Image, Small, Started, TakeEnd
from studio.core.ids import new_id, now_ms
from studio.core.jobs import Job
from studio.core.takes import EndStatus, Made, Picture, Recipe, Take
from studio.project.store import Store


class Recorder:
    """The takes of the one running job. Lives on the engine thread, beside the store it writes to."""

    def __init__(self, store: Store, job: Job) -> None:
        self.job = job
        self.takes: dict[int, Take] = {}
        self._store = store
        self._text: dict[int, list[str]] = {}
        self._unsaved: dict[int, list[str]] = {}
        self._started_s = time.monotonic()

    def start(self, event: Started) -> list[Take]:
        """Prefill is done: the takes are born."""
        for index, seed in enumerate(event.seeds):
            take = Take(
                id=new_id(),
                job=self.job.id,
                work=self.job.work,
                parent=self.job.parent,
                index=index,
                seed=seed,
                status="streaming",
                recipe=Recipe(job=self.job, index=index, made=event.made),
                created_ms=now_ms(),
            )
            self._text[index], self._unsaved[index] = [], []
            self.takes[index] = take
        with self._store.batch():
            for take in self.takes.values():
                self._store.start_take(take)
        return list(self.takes.values())

    def delta(self, event: Delta) -> list[tuple[str, str]]:
        """New text: (take id, text) pairs for the window."""
        pieces = []
        for index, text in event.pieces:
            self._text[index].append(text)
            self._unsaved[index].append(text)
            pieces.append((self.takes[index].id, text))
        return pieces

    def flush(self) -> None:
        """Put what streamed since the last flush on disk."""
        if not any(self._unsaved.values()):
            return
        with self._store.batch():
            for index, parts in self._unsaved.items():
                if parts:
                    self._store.add_part(self.takes[index].id, "".join(parts))
                    parts.clear()

    def end(self, event: TakeEnd) -> Take:
        """A take is complete; its whole text replaces what streamed, its picture is on the disk with its row."""
        born = self.takes[event.index]
        take = replace(
            born,
            status=event.status,
            text=event.text,
            tokens=event.tokens,
            seconds=event.seconds,
            recipe=replace(born.recipe, made=event.made or born.recipe.made),
        )
        return self._close(take, event.status, event.made, event.image)

    def previews(self, smalls: Iterable[Small]) -> tuple[tuple[str, Small], ...]:
        """What takes that are still being drawn look like: (take id, picture) pairs."""
        known = ((self.takes.get(small.index), small) for small in smalls)
        return tuple(
            (take.id, small) for take, small in known if take is not None and take.status == "streaming"
        )

    def abandon(self, status: EndStatus, error: str) -> list[Take]:
        """End every take that still streams, with the text it has."""
        return [self._close(take, status) for take in self._broken_off(status, error)]

    def unwritten(self, error: str) -> list[Take]:
        """The takes that still stream, as failed, when the project can't be written: for the eye only."""
        return self._broken_off("failed", error)

    def _broken_off(self, status: EndStatus, error: str) -> list[Take]:
        seconds = time.monotonic() - self._started_s
        return [
            replace(take, status=status, error=error, text="".join(self._text[index]), seconds=seconds)
            for index, take in self.takes.items()
            if take.status == "streaming"
        ]

    def _close(
        self, take: Take, status: EndStatus, made: Made | None = None, image: Image | None = None
    ) -> Take:
        self._unsaved[take.index].clear()
        with self._store.batch():
            if image is not None:
                take = replace(take, picture=self._kept(image))
            self._store.end_take(
                take.id,
                status=status,
                text=take.text,
                error=take.error,
                seconds=take.seconds,
                tokens=take.tokens,
                made=made,
                picture=take.picture,
                thumb=image.thumb if image is not None else b"",
            )
        self.takes[take.index] = take
        return take

    def _kept(self, image: Image) -> Picture:
        """The picture as a file of the project."""
        asset = self._store.put_asset(image.png, "png")
        return Picture(asset=asset, width=image.width, height=image.height, preview=image.preview)
