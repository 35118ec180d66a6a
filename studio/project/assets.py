"""Files beside the database, named by the SHA-256 of what is in them."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.files import sync_folder, told, write_whole

_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
ASSET_NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,8}")


def name_of(data: bytes, extension: str) -> str:
    """What a project calls a file of these bytes. Raises ValueError for what is not an extension of ours."""
    if not _EXTENSION.fullmatch(extension):
        raise ValueError(f"{extension!r} is not an extension of ours")
    return f"{hashlib.sha256(data).hexdigest()}.{extension}"


class Assets:
    """`assets/ab/<sha256>.<ext>` below a project's folder."""

    def __init__(self, project: Path) -> None:
        self._root = project / "assets"

    def path(self, name: str) -> Path:
        """Where an asset lies. Raises ValueError for what is not an asset's name."""
        if not ASSET_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an asset")
        return self._root / name[:2] / name

    def put(self, data: bytes, extension: str) -> str:
        """Write an asset durably (unless it is there, whole) and return its name; refer to it after that."""
        name = name_of(data, extension)
        path = self.path(name)
        with told("save a file of the project", kept="The project is as it was."):
            if path.is_file() and path.read_bytes() == data:
                return name
            new = not path.parent.is_dir()
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
            if new:
                sync_folder(self._root)
        return name

    def read(self, name: str) -> bytes:
        """The bytes of an asset. Raises StudioError "asset" when it is lost or not what its name says."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StudioError(
                f"The file {name} of this project cannot be read: {error.strerror}.",
                kept="The rest of the project is as it was.",
                do="Take it from a copy of the project.",
                code="asset",
            ) from error
        if hashlib.sha256(data).hexdigest() != name.partition(".")[0]:
            raise StudioError(
                f"The file {name} of this project is damaged.",
                kept="The rest of the project is as it was.",
                do="Take it from a copy of the project.",
                code="asset",
            )
        return data

    def problems(self, names: Iterable[str]) -> list[str]:
        """One sentence for each asset that is lost or damaged."""
        out = []
        for name in names:
            try:
                self.read(name)
            except StudioError as error:
                out.append(error.what)
        return out
