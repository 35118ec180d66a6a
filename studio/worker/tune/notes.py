"""The note that goes with everything fine-tuning makes: filled in from the settings and the base model."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from studio.catalog.adapter_note import AdapterNote
from studio.catalog.card import ModelCard
from studio.core.tuning import SOFT, TuneSettings

_RANKED = ("lora", "dora", "adalora")


def note_of(
    settings: TuneSettings,
    card: ModelCard,
    parameters: int,
    *,
    base_sha256: str = "",
    parts: Iterable[str] = (),
) -> AdapterNote:
    """What stands beside an adapter or model that was trained so over the model of that card."""
    adapter, method = settings.adapter, settings.method
    learnt = method in SOFT or method == "textual_inversion"
    return AdapterNote(
        name=settings.name,
        art=settings.art,
        family=card.family,
        method=method,
        base=card.path,
        base_title=card.title,
        base_sha256=base_sha256,
        parameters=parameters,
        rank=adapter.rank if method in _RANKED else 0,
        virtual_tokens=adapter.virtual_tokens if learnt else 0,
        trigger=adapter.trigger if method == "textual_inversion" else settings.image.trigger,
        parts=tuple(parts),
        licence=settings.licence,
        made_at=now(),
        settings=msgspec.to_builtins(settings),
    )


def now() -> str:
    """The time, as it stands in notes (ISO 8601, UTC)."""
    return datetime.now(UTC).isoformat(timespec="seconds")
