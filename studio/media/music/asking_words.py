"""What will be asked of a music model, in words for the person."""

from collections.abc import Iterable, Mapping
from typing import Final

from studio.core.piece_settings import PieceSettings
from studio.core.pieces import Task
from studio.media.music.asking_aim import Aim
from studio.media.music.instruments import program_name
from studio.media.music.score import Score

TITLES: Final[Mapping[Task, str]] = {
    "continue": "Continue",
    "infill": "Infill",
    "vary": "Vary",
    "harmonise": "Harmonise",
    "add": "Add a track",
    "drums": "Drums",
}
TIPS: Final[Mapping[Task, str]] = {
    "continue": "Go on behind the last note of the chosen tracks, or in the chosen bars where they are free",
    "infill": "Write the chosen bars of the chosen tracks anew; the bars around them are taken into account",
    "vary": "Write some of the notes anew, the others stay",
    "harmonise": "A new track that goes with the notes of the chosen ones",
    "add": "A new track of an instrument and a role of your choice",
    "drums": "A new drum track",
}


def words(score: Score, wanted: Aim, settings: PieceSettings) -> str:
    """What will be asked, as a sentence: “Infill bars 5–8 of Piano and Bass”."""
    title = TITLES[wanted.task]
    match wanted.task:
        case "continue" if wanted.whence == "end":
            return f"Continue with {count(settings.bars, 'bar')} {tail(score, wanted)}"
        case "vary":
            return f"Vary {settings.amount * 100:.0f} % of {tail(score, wanted)}"
        case "harmonise":
            return f"Harmonise {tail(score, wanted)} with {program_name(settings.program)}"
        case "add":
            return f"Add {program_name(settings.program)} {tail(score, wanted)}"
    return f"{title} {tail(score, wanted)}"


def tail(score: Score, wanted: Aim) -> str:
    """The same without what is said beside it: the task, how many bars, how much, which instrument."""
    where, of = bars_words(wanted), f"of {names(score, wanted.tracks)}"
    match wanted.task:
        case "continue" if wanted.whence == "end":
            bar = wanted.first_bar + wanted.part
            begins = f"after bar {bar}" if bar else "from the start"
            return f"{begins} in {names(score, wanted.tracks)}"
        case "add" | "drums":
            return "for the whole piece" if wanted.whence == "whole" else f"for {where}"
        case "harmonise" if wanted.whence == "whole":
            return f"all {of}"
    return f"{where} {of}"


def bars_words(wanted: Aim) -> str:
    """ "bar 5" or "bars 5–8"; bars count from 1 here."""
    first, last = wanted.first_bar + 1, wanted.last_bar + 1
    return f"bar {first}" if first == last else f"bars {first}–{last}"


def names(score: Score, tracks: Iterable[str], most: int = 3) -> str:
    """ "Piano and Bass"; of many the first ones and how many more, of all of several "all 5 tracks"."""
    ids = set(tracks)
    found = [track for track in score.tracks if track.id in ids]
    if len(found) == len(score.tracks) > 2:
        return f"all {len(found)} tracks"
    titles = [track.name or program_name(track.program, track.drums) for track in found]
    if len(titles) > most:
        titles = [*titles[: most - 1], f"{len(titles) - most + 1} more"]
    return f"{', '.join(titles[:-1])} and {titles[-1]}" if len(titles) > 1 else "".join(titles)


def count(number: int, what: str) -> str:
    """ "1 bar", "8 bars"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
