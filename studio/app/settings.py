"""What the window remembers between launches, in one ini file."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QByteArray, QSettings

from studio.app.places import Places
from studio.app.theme import SchemeChoice

RECENT_MAX = 10


class Settings:
    """Typed access to the window's ini file."""

    def __init__(self, places: Places) -> None:
        places.data.mkdir(parents=True, exist_ok=True)
        self._store = QSettings(str(places.settings_file), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        """A string value."""
        return str(self._store.value(key, default))

    def flag(self, key: str, default: bool) -> bool:
        """A yes/no value."""
        return self.text(key, "true" if default else "false") == "true"

    def state(self, key: str) -> QByteArray | None:
        """A geometry or dock layout, None when never kept."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None

    def __contains__(self, key: str) -> bool:
        return self._store.contains(key)

    def keep(self, key: str, value: str | bool | QByteArray) -> None:
        """Remember a value."""
        self._store.setValue(key, ("true" if value else "false") if isinstance(value, bool) else value)

    def forget(self, key: str) -> None:
        """Back to the default."""
        self._store.remove(key)

    def scheme(self) -> SchemeChoice:
        """Light, dark, or as the system has it."""
        wanted = self.text("view/theme", "system")
        return wanted if wanted in ("light", "dark") else "system"  # type: ignore[return-value]

    def recent(self) -> list[Path]:
        """Projects opened lately that are still there, newest first."""
        try:
            names = msgspec.json.decode(self.text("recent", "[]"), type=list[str])
        except msgspec.DecodeError:
            names = []
        return [Path(name) for name in names if _is_there(name)]

    def add_recent(self, folder: Path) -> None:
        """Put a project at the top of the recent ones."""
        names = [str(folder), *(str(path) for path in self.recent() if path != folder)]
        self.keep("recent", msgspec.json.encode(names[:RECENT_MAX]).decode())
        self.sync()

    def sync(self) -> None:
        """Write to disk now."""
        self._store.sync()


def _is_there(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):  # an unreachable share, a name that can't be one
        return False
