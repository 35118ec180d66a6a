"""One text job at an endpoint: a request a take, all at once; speaks the worker's events."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import Final

import httpx2

from studio import __version__
from studio.core.endpoint import Endpoint, checked_url
from studio.core.errors import StudioError
from studio.core.events import Delta, Event, Failed, JobEnd, Started
from studio.core.jobs import TextJob
from studio.core.seeds import take_seeds
from studio.core.takes import Made
from studio.engine.remote.body import body
from studio.engine.remote.growing import Growing
from studio.engine.remote.keys import headers_for, key_of
from studio.engine.remote.stream import KEPT, Patience, RefusedError, client_for, take_chunks
from studio.engine.remote.texts import Asked, asked
from studio.media.checks.judges import Answer

Send = Callable[[Event], None]
_PATHS: Final = {"completions": "/completions", "chat": "/chat/completions"}


class Making:
    """`run` makes the takes; `make` does the same and lets errors through."""

    def __init__(self, job: TextJob, endpoint: Endpoint, send: Send, patience: Patience) -> None:
        self._job = job
        self._endpoint = endpoint
        self._send = send
        self._patience = patience
        self._began_s = time.monotonic()
        self._seeds = take_seeds(job.seed, job.takes)
        self._takes = [Growing(index, job) for index in range(job.takes)]
        self._born = False
        self._step = 0
        self._plain = False  # the server refused the longer request once

    async def run(self) -> None:
        """Make all takes; afterwards exactly one JobEnd or Failed was sent."""
        try:
            await self.make()
            self._send(self._job_end("done"))
        except asyncio.CancelledError:
            self._close_open()
            self._send(self._job_end("stopped"))
        except StudioError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - a bug here must not leave the job running for ever
            self._fail(
                StudioError(f"Atelier made a mistake while talking to the server: {error!r}.", kept=KEPT)
            )

    async def make(self) -> None:
        """Make all takes; sends their events but no end. Raises StudioError and CancelledError."""
        job, endpoint = self._job, self._endpoint
        if job.adapters:
            raise StudioError(
                "An endpoint takes no adapters.", do="Remove the adapter, or choose a local model."
            )
        words = asked(job, endpoint)
        key = await asyncio.to_thread(key_of, endpoint)
        url = checked_url(endpoint.url, with_key=bool(key)) + _PATHS[endpoint.api]
        headers = headers_for(key)
        async with client_for(url, self._patience) as client:
            ask = partial(self._take, client, url, headers, endpoint, words)
            results = await asyncio.gather(*map(ask, range(job.takes)), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        for error in errors:
            if isinstance(error, asyncio.CancelledError):
                raise error
        if errors:
            raise self._together(errors)

    @property
    def answer(self) -> Answer:
        """The first take's text, and whether the model ended it by itself."""
        return Answer(self._takes[0].text.strip(), not self._takes[0].cut)

    def _together(self, errors: list[BaseException]) -> BaseException:
        """The first error, and how many takes are whole all the same."""
        first, whole = errors[0], self._job.takes - len(errors)
        if isinstance(first, StudioError) and whole:
            return StudioError(
                first.what,
                kept=f"{whole} of {self._job.takes} takes are whole; {KEPT}",
                do=first.do,
                code=first.code,
            )
        return first

    async def _take(
        self,
        client: httpx2.AsyncClient,
        url: str,
        headers: dict[str, str],
        endpoint: Endpoint,
        words: Asked,
        index: int,
    ) -> None:
        """One take; a server that refuses the longer request gets the plain one."""
        take = self._takes[index]
        for plain in (True,) if self._plain else (False, True):
            said = body(self._job, endpoint, words, self._seeds[index], plain=plain)
            try:
                stream = take_chunks(client, url, said, headers, self._patience)
                async with aclosing(stream) as chunks:  # a server that goes on is hung up on
                    async for chunk in chunks:
                        self._start(endpoint, words)
                        self._grow(take, take.add(chunk))
                        if take.full:
                            break
            except RefusedError as refused:
                if plain:
                    raise StudioError(
                        f"The server does not accept the request: {refused}",
                        kept="Your text is safe.",
                        do="See whether model and kind (completions or chat) in Other engines fit this server.",
                        code="refused",
                    ) from refused
                self._plain = True
                continue
            break
        self._start(endpoint, words)
        self._grow(take, take.close())
        self._send(take.end("done", time.monotonic() - self._began_s))

    def _start(self, endpoint: Endpoint, words: Asked) -> None:
        """The first word of any take: all are born."""
        if self._born:
            return
        self._born = True
        made = Made(
            model_sha256="",
            family=endpoint.model or endpoint.title,
            device=endpoint.url,
            dtype="",
            threads=0,
            chunk_tokens=0,
            prompt_tokens=words.tokens,
            reused_tokens=0,
            computed_tokens=0,
            prompt_cut_chars=words.cut_chars,
            parts=words.parts,
            atelier=__version__,
        )
        self._send(Started(job=self._job.id, made=made, seeds=self._seeds))
        for take in self._takes:
            self._grow(take, self._job.lead)

    def _grow(self, take: Growing, text: str) -> None:
        if text:
            self._step = max(self._step, take.count)
            self._send(Delta(job=self._job.id, pieces=((take.index, text),), step=self._step))

    def _close_open(self) -> None:
        for take in self._takes:
            if self._born and not take.ended:
                self._grow(take, take.close())
                self._send(take.end("stopped", time.monotonic() - self._began_s))

    def _job_end(self, status: str) -> JobEnd:
        seconds = time.monotonic() - self._began_s
        made = sum(take.count for take in self._takes)
        return JobEnd(
            job=self._job.id,
            status="done" if status == "done" else "stopped",
            seconds=seconds,
            tokens_per_s=made / max(seconds, 1e-9),
        )

    def _fail(self, error: StudioError) -> None:
        self._send(failed(self._job.id, error))


def failed(job: str, error: StudioError) -> Failed:
    """The event for a job, or a check, that could not be done."""
    return Failed(job=job, what=error.what, kept=error.kept or KEPT, do=error.do, code=error.code)
