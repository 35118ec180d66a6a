"""The list of text endpoints the person added; no keys are in it."""

from pathlib import Path

import msgspec
from msgspec import Struct

from studio.catalog.lists import read_list, save_list
from studio.core.endpoint import Endpoint


class _File(Struct, frozen=True, kw_only=True):
    version: int = 1
    endpoints: tuple[Endpoint, ...] = ()


class Endpoints:
    """`file` holds them as JSON; one that cannot be read counts as empty and is put aside when written anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> tuple[Endpoint, ...]:
        """Those there are, in the person's order."""
        kept = self._read()
        return kept.endpoints if kept else ()

    def put(self, endpoint: Endpoint) -> None:
        """Add one, or change the one with its id."""
        known = {one.id: one for one in self.all()}
        self._save(tuple((known | {endpoint.id: endpoint}).values()))

    def remove(self, endpoint_id: str) -> None:
        """Forget one."""
        self._save(tuple(one for one in self.all() if one.id != endpoint_id))

    def _read(self) -> _File | None:
        data = read_list(self._file)
        try:
            return msgspec.json.decode(data, type=_File) if data else None
        except msgspec.MsgspecError:
            return None

    def _save(self, endpoints: tuple[Endpoint, ...]) -> None:
        data = msgspec.json.format(msgspec.json.encode(_File(endpoints=endpoints)), indent=1)
        save_list(self._file, data, damaged=self._read() is None)
