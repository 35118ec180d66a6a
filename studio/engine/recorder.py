"""Turns a worker's events into takes in the project: what streams is on disk within half a second."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from studio.core.events import Delta, Image, Small, Started, TakeEnd
from studio.core.ids import new_id, now_ms
from studio.core.jobs import Job
from studio.core.takes import EndStatus, Made, Picture, Recipe, Take
from studio.engine.views import Held
from studio.project.assets import name_of
from studio.project.store import Store

Keep = Callable[[Callable[[Store], Any], Held], None]  # does it now, or when the disk takes it


class Recorder:
    """The takes of the one running job. Lives on the engine thread, beside the store it writes to.

    What streams and how a take ends goes through `keep`: a full disk must not lose what was made.
    """

    def __init__(self, store: Store, job: Job, keep: Keep) -> None:
        self.job = job
        self._keep = keep
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
        streamed = [(self.takes[index].id, "".join(parts)) for index, parts in self._unsaved.items() if parts]
        for parts in self._unsaved.values():
            parts.clear()

        def write(store: Store) -> None:
            with store.batch():
                for take_id, text in streamed:
                    store.add_part(take_id, text)

        self._keep(write, Held())

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
        files = {name_of(image.png, "png"): image.png} if image is not None else {}
        if image is not None:
            picture = Picture(
                asset=next(iter(files)), width=image.width, height=image.height, preview=image.preview
            )
            take = replace(take, picture=picture)

        def write(store: Store) -> None:
            with store.batch():
                store.put_assets(files)
                store.end_take(
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
        self._keep(write, Held(take=take, files=files))
        return take
