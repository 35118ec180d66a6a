"""The list of models: those that came with the program and the folders the person added."""

import json
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from studio.catalog.adapter_fits import fitting
from studio.catalog.card import ModelCard
from studio.catalog.inspect import inspect_model, kind_of, title_of
from studio.catalog.lists import list_held, read_list, save_list
from studio.core.errors import StudioError


class Catalog:
    """Models of all kinds on this computer. `file` holds what was added (JSON); `starters` are always there."""

    def __init__(self, file: Path, starters: Sequence[Path] = ()) -> None:
        self._file = file
        self._starters = tuple(starter.resolve() for starter in starters)

    def models(self) -> list[ModelCard]:
        """A card for each model, starters first; an unusable one says why, a usable one which adapters fit it.

        Never raises for a bad folder.
        """
        everything = (*self._starters, *self.folders())
        cards = [replace(card_or_why(folder, everything), starter=True) for folder in self._starters]
        cards += [
            card_or_why(folder, everything) for folder in self.folders() if folder not in self._starters
        ]
        adapters = [card for card in cards if card.kind == "adapter" and card.usable]
        if not adapters:
            return cards
        return [replace(card, adapters=fitting(card, adapters)) if card.usable else card for card in cards]

    def folders(self) -> list[Path]:
        """The folders the person added, in that order; none when the list cannot be read."""
        return self._saved() or []

    def _saved(self) -> list[Path] | None:
        """The saved list; None when there is none or it cannot be read."""
        try:
            saved = json.loads(read_list(self._file))["folders"]
            return [Path(folder) for folder in saved if isinstance(folder, str)]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def add(self, path: str | Path) -> ModelCard:
        """Check a folder and remember it. Raises StudioError when it cannot be used."""
        card = inspect_model(path, (*self._starters, *self.folders()))
        folder = Path(card.path)
        with list_held(self._file):
            known = self.folders()
            if folder not in known and folder not in self._starters:
                self._save([*known, folder])
        return card

    def remove(self, path: str | Path) -> None:
        """Forget a folder; its files stay. Raises StudioError when it is not in the list."""
        folder = Path(path).expanduser().resolve()
        with list_held(self._file):
            known = self.folders()
            if folder not in known:
                reason = "came with the program" if folder in self._starters else "is not in the list"
                raise StudioError(
                    f"{folder} {reason}.", do="Choose a model that was added.", code="not_listed"
                )
            self._save([other for other in known if other != folder])

    def _save(self, folders: list[Path]) -> None:
        """Replace the list in one step; an unreadable one is put aside."""
        data = json.dumps({"folders": [str(folder) for folder in folders]}, indent=1)
        save_list(self._file, data.encode(), damaged=self._saved() is None)


def card_or_why(folder: Path, others: Sequence[Path] | None = None) -> ModelCard:
    """The folder's card; an unusable one, of the kind it seems to be, when it cannot be read."""
    try:
        return inspect_model(folder, others)
    except StudioError as error:
        why = " ".join(part for part in (error.what, error.do) if part)
        return ModelCard(
            path=str(folder), title=title_of(folder), kind=kind_of(folder), usable=False, why_not=why
        )
