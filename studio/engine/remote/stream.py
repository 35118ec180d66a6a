"""One take from an endpoint: posts, waits its turn when the server is busy, reads the stream."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

import httpx2
from msgspec import Struct

from studio.core.endpoint import is_local
from studio.core.errors import StudioError
from studio.engine.remote.chunks import DONE, MAX_LINE_CHARS, Chunk, error_words, read_chunk, read_event

KEPT: Final = "What had streamed is kept in the takes; your text is safe."
_BUSY: Final = (429, 503)
_MAX_ANSWER_BYTES: Final = 20_000_000


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait, in seconds; tests are less patient."""

    connect_s: float = 10.0
    first_s: float = 300.0  # until the first word: the server may have to load its model
    between_s: float = 90.0
    busy_s: tuple[float, ...] = (2.0, 5.0, 10.0)  # before the next try, unless the server says how long
    longest_busy_s: float = 60.0


class RefusedError(Exception):
    """The server does not know something in the request: ask again with less."""


def client_for(url: str, patience: Patience) -> httpx2.AsyncClient:
    """A client that follows no redirects (a key must not travel on) and uses no proxy for this computer.

    Raises StudioError for an address that no request can be sent to.
    """
    try:
        httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise StudioError(
            f"“{url[:100]}” is no address: {error}.",
            do="Correct it in Other engines (Help menu).",
            code="bad_url",
        ) from error
    timeout = httpx2.Timeout(patience.first_s, connect=patience.connect_s, read=None)
    fresh = httpx2.Limits(max_keepalive_connections=0)  # a kept connection may have died meanwhile
    return httpx2.AsyncClient(
        timeout=timeout, limits=fresh, follow_redirects=False, trust_env=not is_local(url)
    )


async def take_chunks(
    client: httpx2.AsyncClient, url: str, body: dict[str, Any], headers: dict[str, str], patience: Patience
) -> AsyncGenerator[Chunk, None]:
    """What the server says, piece by piece. Raises StudioError, or RefusedError before the first piece."""
    request = client.build_request("POST", url, json=body, headers=headers)
    response = await _answered(client, request, patience)
    try:
        if "event-stream" in response.headers.get("content-type", ""):
            async for chunk in _events(response, patience):
                yield chunk
        else:
            yield read_chunk((await _whole(response, patience)).decode("utf-8", "replace"))
    finally:
        await response.aclose()


async def answer_of(client: httpx2.AsyncClient, request: httpx2.Request, patience: Patience) -> Any:
    """The JSON of a short answer; its text when it is none. Raises StudioError."""
    try:
        response = await _answered(client, request, patience)
    except RefusedError as refused:
        raise StudioError(f"The server does not accept the request: {refused}", code="refused") from refused
    try:
        return _json(await _whole(response, patience))
    finally:
        await response.aclose()


async def _answered(
    client: httpx2.AsyncClient, request: httpx2.Request, patience: Patience
) -> httpx2.Response:
    """The response of a server that has time; one that is busy is asked again, a few times."""
    waits = [*patience.busy_s, None]
    for wait_s in waits:
        response: httpx2.Response = await _told(
            client.send(request, stream=True), patience.first_s, str(request.url)
        )
        if response.status_code == 200:
            return response
        words = error_words(_json(await _whole(response, patience)))
        status, asked = response.status_code, response.headers.get("retry-after", "")
        await response.aclose()
        if status not in _BUSY or wait_s is None:
            raise _refusal(status, words, str(request.url))
        wished_s = float(asked) if asked.replace(".", "", 1).isdecimal() else wait_s
        await asyncio.sleep(min(wished_s, patience.longest_busy_s))
    raise AssertionError("the last wait is None")


async def _events(response: httpx2.Response, patience: Patience) -> AsyncIterator[Chunk]:
    """The chunks of an event stream. A stream that ends without saying so was cut."""
    lines = _lines(response).__aiter__()
    finished, wait_s = False, patience.first_s
    while True:
        try:
            line = await _told(lines.__anext__(), wait_s, str(response.url))
        except StopAsyncIteration:
            break
        wait_s = patience.between_s
        if line.startswith("data:") and line[5:].strip() == DONE:
            return
        chunk = read_event(line)
        if chunk is not None:
            finished = finished or bool(chunk.finish)
            yield chunk
    if not finished:
        raise StudioError("The server ended its answer in the middle.", kept=KEPT, do="Regenerate (Ctrl+R).")


async def _lines(response: httpx2.Response) -> AsyncIterator[str]:
    """The lines of a stream, none longer than MAX_LINE_CHARS."""
    rest = ""
    async for text in response.aiter_text():
        *whole, rest = (rest + text).replace("\r\n", "\n").split("\n")
        for line in whole:
            yield line
        if len(rest) > MAX_LINE_CHARS:
            raise StudioError(
                "The server sent a line without an end.", kept=KEPT, do="Look at the server's log."
            )
    if rest:
        yield rest


async def _whole(response: httpx2.Response, patience: Patience) -> bytes:
    """All of a short answer."""
    data = bytearray()

    async def read() -> None:
        async for piece in response.aiter_bytes():
            data.extend(piece)
            if len(data) > _MAX_ANSWER_BYTES:
                raise StudioError(
                    "The server's answer has no end.", kept=KEPT, do="Look at the server's log."
                )

    await _told(read(), patience.first_s, str(response.url))
    return bytes(data)


async def _told(work: Any, wait_s: float, url: str) -> Any:
    """Wait for the network; whatever goes wrong there in plain words."""
    host = httpx2.URL(url).netloc.decode()
    try:
        return await asyncio.wait_for(work, wait_s)
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise StudioError(
            f"The server at {host} has said nothing for {wait_s:g} seconds.",
            kept=KEPT,
            do="See whether it is still at work, then try again.",
            code="timeout",
        ) from error
    except httpx2.ConnectError as error:
        raise StudioError(
            f"No server answers at {host}: {error or 'no connection'}.",
            kept="Your text is safe; nothing was made.",
            do="Start it there, or correct its address in Other engines (Help menu).",
            code="no_server",
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise StudioError(
            f"The connection to {host} broke: {type(error).__name__} {error}".rstrip(" ") + ".",
            kept=KEPT,
            do="Regenerate (Ctrl+R).",
            code="network",
        ) from error


def _json(data: bytes) -> Any:
    text = data.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _refusal(status: int, words: str, url: str) -> Exception:
    """What a status other than 200 means."""
    host = httpx2.URL(url).netloc.decode()
    said = f" It says: {words}" if words else ""
    if status in (400, 422):
        return RefusedError(words)
    what, do = {
        401: (f"The server at {host} does not accept the key.", "Enter the key again in Other engines."),
        403: (f"The server at {host} does not allow this.", "See what the key may do there."),
        404: (f"The server at {host} knows no such model or address.", "Look at both in Other engines."),
        429: (f"The server at {host} is busy, or its limit is reached.", "Wait a while and try again."),
    }.get(status, (f"The server at {host} failed (status {status}).", "Look at its log; try again."))
    if 300 <= status < 400:
        what = f"The server at {host} points to another address (status {status}); a key must not travel on."
        do = "Enter the address it points to in Other engines."
    return StudioError(what + said, kept="Your text is safe.", do=do, code=f"http_{status}")
