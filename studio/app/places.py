"""Where Atelier keeps what is not inside a project."""

import os
from pathlib import Path

import platformdirs
from msgspec import Struct


class Places(Struct, frozen=True, kw_only=True):
    """Folders of one person on one computer."""

    data: Path

    @classmethod
    def default(cls) -> "Places":
        """$ATELIER_HOME when set, else the system's folder for a program's data."""
        home = os.environ.get("ATELIER_HOME")
        return cls(data=Path(home) if home else platformdirs.user_data_path("Atelier", appauthor=False))

    @property
    def projects(self) -> Path:
        """Where untitled projects are made."""
        return self.data / "projects"

    @property
    def settings_file(self) -> Path:
        """Window geometry, recent projects, shortcuts."""
        return self.data / "settings.ini"

    @property
    def models_file(self) -> Path:
        """The model folders the person added."""
        return self.data / "models.json"

    @property
    def words_file(self) -> Path:
        """The person's own dictionary: a word a line."""
        return self.data / "words.txt"

    @property
    def endpoints_file(self) -> Path:
        """The text endpoints the person added; their keys are elsewhere."""
        return self.data / "endpoints.json"

    @property
    def runs(self) -> Path:
        """Fine-tuning runs, a folder each (core.tune_run)."""
        return self.data / "runs"

    @property
    def adapters(self) -> Path:
        """What came of them, where no other place was named."""
        return self.data / "adapters"

    @property
    def logs(self) -> Path:
        """The window's and the worker's logs."""
        return self.data / "logs"

    def worker_log(self) -> Path:
        """stderr of this process's worker; one file a process, so that two windows never share one."""
        return self.logs / f"worker-{os.getpid()}.log"

    def new_project_folder(self, title: str) -> Path:
        """A folder for a project of that title that does not exist yet."""
        number = 1
        while (folder := self.projects / f"{title}{f' {number}' if number > 1 else ''}.atelier").exists():
            number += 1
        return folder
