"""Asks an endpoint which models it has."""

import asyncio
from typing import Any

import httpx2

from studio.core.endpoint import Endpoint, checked_url
from studio.core.errors import StudioError
from studio.engine.remote.keys import headers_for, key_of
from studio.engine.remote.stream import Patience, answer_of, client_for

MAX_MODELS = 1_000


def ask_models(endpoint: Endpoint, key: str = "") -> tuple[str, ...]:
    """`models_of` for a thread without an event loop."""
    return asyncio.run(models_of(endpoint, key))


async def models_of(endpoint: Endpoint, key: str = "", patience: Patience | None = None) -> tuple[str, ...]:
    """The names of its models. `key` goes before the one that is kept. Raises StudioError when it does not answer."""
    key = key or key_of(endpoint)
    url = checked_url(endpoint.url, with_key=bool(key)) + "/models"
    headers = headers_for(key)
    patience = patience or Patience(first_s=20.0, busy_s=())
    async with client_for(url, patience) as client:
        said = await answer_of(client, httpx2.Request("GET", url, headers=headers), patience)
    rows: Any = said.get("data") if isinstance(said, dict) else None
    if not isinstance(rows, list):
        raise StudioError(
            "The server answers, but not with a list of models: it may not speak the OpenAI API at this address.",
            do="Most addresses end in /v1. You can also write the model's name yourself.",
        )
    names = [
        row["id"] for row in rows[:MAX_MODELS] if isinstance(row, dict) and isinstance(row.get("id"), str)
    ]
    return tuple(sorted(names))
