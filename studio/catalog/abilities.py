"""What each model was found able to do: results of the act checks, by the model's files and the template."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from studio.catalog.lists import save_list
from studio.core.endpoint import SCHEME
from studio.core.events import ActCheck, Checked
from studio.core.jobs import Act, Frame
from studio.media.frames import frame_sha256

CHECKS = 1  # raised when passages or judges change: older results then count no more
SHIPPED_NAME = "abilities.json"
_MOST_HASHED_BYTES = (
    64 * 1024 * 1024
)  # results that ship with a model are believed after hashing it: small ones
_MOST_FILE_BYTES = 4 * 1024 * 1024
_FILES = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "generation_config.json",
)
_VERBS = {
    "continue": ("continuing", "continued"),
    "rewrite": ("rewriting", "rewrote"),
    "expand": ("expanding", "expanded"),
    "shorten": ("shortening", "shortened"),
    "describe": ("describing", "described"),
    "tone": ("changing the tone", "changed the tone of"),
    "instruct": ("following instructions", "followed the instruction on"),
    "summarise": ("summarising", "summarised"),
}


class Abilities:
    """Results of act checks, kept in `file` (JSON). Models are known by a stamp of their files."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, dict[str, ActCheck]] = {}
        self._read_at: tuple[int, int] | None = None  # time and size of the file when it was read
        self._shipped: dict[str, dict[str, ActCheck]] = {}

    def of(self, model: str | Path, frames: Mapping[Act, Frame]) -> dict[str, ActCheck]:
        """What is known of a model with these templates, by act ("fill_in" among them).

        Results of a changed model or of an edited template count no more.
        """
        stamp = model_stamp(model)
        if not stamp:
            return {}
        found = {**self._from_folder(Path(model), stamp), **self._load().get(stamp, {})}
        return {name: check for name, check in found.items() if self._holds(check, frames)}

    def note(self, checked: Checked) -> None:
        """Remember the results of a check; acts that were not tried keep theirs. Raises StudioError."""
        stamp = model_stamp(checked.model)
        if not stamp or not checked.acts:
            return
        known = self._load()
        known[stamp] = {**known.get(stamp, {}), **{check.act: check for check in checked.acts}}
        self._save(known)

    def why_not(self, act: Act, model: str | Path, frames: Mapping[Act, Frame]) -> str:
        """Why an act is not offered for a model, a sentence for people; "" when it is.

        Going on is what every language model does: it is withheld only from one that failed at it.
        """
        if act != "continue" and act not in frames:
            return "Its template is missing or damaged."
        check = self.of(model, frames).get(act)
        doing, did = _VERBS[act]
        if check is None:
            return "" if act == "continue" else f"This model was not checked for {doing} yet."
        if check.usable:
            return ""
        why = f": {check.why}" if check.why else ""
        return f"This model {did} {check.passed} of {check.of} test passages well ({check.need} are needed){why}."

    @staticmethod
    def _holds(check: ActCheck, frames: Mapping[Act, Frame]) -> bool:
        if check.act == "continue" or check.act == "fill_in":
            return True
        frame = frames.get(check.act)
        return frame is not None and check.frame_sha256 == frame_sha256(frame)

    def _from_folder(self, folder: Path, stamp: str) -> dict[str, ActCheck]:
        """Results that came with the model, when they are of exactly these weights."""
        if stamp not in self._shipped:
            self._shipped[stamp] = _shipped(folder)
        return self._shipped[stamp]

    def _load(self) -> dict[str, dict[str, ActCheck]]:
        """What the file says: another window or `atelier models check` may have written it meanwhile."""
        at = _state(self._file)
        if self._read_at is None or at != self._read_at:
            self._read_at = at
            saved = _read(self._file)
            models = saved.get("models") if saved.get("checks") == CHECKS else None
            known = {}
            for stamp, rows in models.items() if isinstance(models, dict) else ():
                known[stamp] = _checks(rows)
            self._known = known
        return self._known

    def _save(self, known: dict[str, dict[str, ActCheck]]) -> None:
        """Replace the file whole; an unreadable one is put aside."""
        models = {stamp: [msgspec.to_builtins(c) for c in rows.values()] for stamp, rows in known.items()}
        data = encoded({"checks": CHECKS, "models": models})
        save_list(self._file, data, damaged=not _read(self._file))


def encoded(value: Any) -> bytes:
    """Results as they stand in a file."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def shipped_results(checked: Checked) -> dict[str, Any]:
    """What stands in the file that ships with a model."""
    return {
        "checks": CHECKS,
        "model_sha256": checked.model_sha256,
        "acts": [msgspec.to_builtins(check) for check in checked.acts],
    }


def model_stamp(model: str | Path) -> str:
    """A digest of the names, sizes and times of a model's files, without reading them; "" for no model.

    An endpoint's own stamp stands for itself.
    """
    if str(model).startswith(SCHEME):
        return str(model)
    folder = Path(model).expanduser()
    try:
        files = [folder] if folder.is_file() else [folder / name for name in _FILES]
        files += sorted(folder.glob("*.safetensors"))
        states = [(file.name, file.stat()) for file in files if file.is_file()]
    except OSError:
        return ""
    if not states:
        return ""
    lines = "".join(f"{name} {state.st_size} {state.st_mtime_ns}\n" for name, state in states)
    return hashlib.sha256(lines.encode()).hexdigest()


def _shipped(folder: Path) -> dict[str, ActCheck]:
    weights = sorted(folder.glob("*.safetensors"))
    saved = _read(folder / SHIPPED_NAME)
    if len(weights) != 1 or saved.get("checks") != CHECKS:
        return {}
    try:
        if weights[0].stat().st_size > _MOST_HASHED_BYTES:
            return {}
        with weights[0].open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return {}
    return _checks(saved.get("acts")) if digest == saved.get("model_sha256") else {}


def _checks(rows: Any) -> dict[str, ActCheck]:
    """The results that can be read, by act."""
    found: dict[str, ActCheck] = {}
    for row in rows if isinstance(rows, list) else ():
        try:
            check = msgspec.convert(row, ActCheck)
        except msgspec.ValidationError:
            continue
        found[check.act] = check
    return found


def _state(file: Path) -> tuple[int, int]:
    try:
        state = file.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


def _read(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_FILE_BYTES:
            return {}
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
