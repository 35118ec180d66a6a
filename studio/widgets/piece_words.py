"""A take of music in words: what was asked for, how it stands, and its recipe as rows a person can read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from studio.core.pieces import PieceJob
from studio.core.takes import Made, Take
from studio.media.music.attributes import level_words
from studio.widgets.picture_words import RecipeRow, name_of

REJECT_REASONS: Final = (
    "Not what I asked for",
    "Wrong notes",
    "Rhythm",
    "Too busy",
    "Too empty",
    "Does not fit the rest",
)
RECALLS: Final = (
    ("all", "Everything", "Set all knobs and the bars as they were for this take"),
    ("seed", "Seed only", "Set the seed"),
)
_NAMED_MOST: Final = 3  # tracks; of more the rest is counted
_KINDS: Final = ("density", "polyphony", "register", "duration")


def bar_words(first_bar: int, last_bar: int) -> str:
    """Bars from 0, as the person counts them: "bar 5", "bars 5 to 8"."""
    return f"bar {first_bar + 1}" if first_bar == last_bar else f"bars {first_bar + 1} to {last_bar + 1}"


def track_words(tracks: Sequence[str], names: Mapping[str, str]) -> str:
    """Tracks by their names: "Piano, Bass and 2 more"; one that is not known (any more) by its id."""
    named = [names.get(track) or track for track in tracks]
    if len(named) > _NAMED_MOST:
        named = [*named[: _NAMED_MOST - 1], f"{len(named) - _NAMED_MOST + 1} more"]
    return " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part) if named else ""


def job_words(job: PieceJob, names: Mapping[str, str]) -> str:
    """What was asked for: "Infill bars 5 to 8 of Piano". `names`: the tracks' names by their ids."""
    bars, tracks = bar_words(job.first_bar, job.last_bar), track_words(job.tracks, names)
    new = f"“{job.new.name or names.get(job.new.id) or 'a new track'}”" if job.new is not None else ""
    match job.task:
        case "continue":
            return f"Continue {tracks} in {bars}"
        case "infill":
            return f"Infill {bars} of {tracks}"
        case "vary" if job.picks:
            count = len(job.picks)
            return f"Redo {count:,} note{'' if count == 1 else 's'} in {bars} of {tracks}"
        case "vary":
            return f"Vary {bars} of {tracks} by {job.amount:.0%}".replace("%", " %")
        case "harmonise":
            return f"Harmonise {bars}{f' of {tracks}' if tracks else ''} with {new}"
        case "add":
            return f"Add {new} in {bars}"
        case "drums":
            return f"Drums in {bars}"


def count_words(count: int) -> str:
    """So many notes."""
    return "1 note" if count == 1 else f"{count:,} notes"


def doing_text(notes: int) -> str:
    """What a take that grows is at."""
    return "writing…" if notes else "reading the piece…"


def recipe_rows(
    take: Take, names: Mapping[str, str] | None = None, tracks: Mapping[str, str] | None = None
) -> tuple[RecipeRow, ...]:
    """The recipe of a take of music, the most telling first.

    `names` gives models and adapters by path better names, `tracks` are the tracks' names by their ids.
    """
    job = take.recipe.job
    if not isinstance(job, PieceJob):
        return ()
    return (*_asked(job, take, names or {}, tracks or {}), *_knobs(job), *_computed(take.recipe.made, take))


def recipe_text(take: Take, names: Mapping[str, str] | None = None) -> str:
    """The whole recipe as lines, for the clipboard."""
    return "\n".join(f"{row.name}: {row.copy or row.text}" for row in recipe_rows(take, names))


def _asked(
    job: PieceJob, take: Take, names: Mapping[str, str], tracks: Mapping[str, str]
) -> Iterator[RecipeRow]:
    yield RecipeRow(name="Asked for", text=job_words(job, tracks), long=True)
    yield RecipeRow(name="Seed", text=str(take.seed))
    yield RecipeRow(name="Model", text=name_of(job.model, names), copy=job.model)
    for adapter in job.adapters:
        text = f"{name_of(adapter.path, names)} × {adapter.weight:g}"
        yield RecipeRow(name="Adapter", text=text, copy=adapter.path)
    held = [
        f"the scale ({job.scale})" if job.scale else "the key" if job.hold_key else "",
        "the chords" if job.hold_chords else "",
    ]
    if job.hold_key or job.hold_chords:
        yield RecipeRow(name="Held", text=" and ".join(part for part in held if part))


def _knobs(job: PieceJob) -> Iterator[RecipeRow]:
    told: dict[str, list[str]] = {}
    for wish in job.wishes:
        for kind in _KINDS:
            level = getattr(wish, kind)
            if level is not None and level_words(kind, level) not in told.setdefault(kind, []):
                told[kind].append(level_words(kind, level))
    for kind, words in told.items():
        yield RecipeRow(name=kind.capitalize(), text="; ".join(words))
    yield RecipeRow(name="Temperature", text=f"{job.temperature:g}")
    yield RecipeRow(name="Top-p", text=f"{job.top_p:g}")
    if job.top_k:
        yield RecipeRow(name="Top-k", text=str(job.top_k))


def _computed(made: Made | None, take: Take) -> Iterator[RecipeRow]:
    if made:
        threads = f", {made.threads} threads" if made.device == "cpu" else ""
        yield RecipeRow(name="Computed on", text=f"{made.device}, {made.dtype}{threads}")
        yield RecipeRow(name="Model's hash", text=made.model_sha256[:12], copy=made.model_sha256)
    if take.seconds:
        yield RecipeRow(name="Took", text=f"{take.seconds:.1f} s")
