"""From what was typed after `make music` to a score and a job about it; all is checked before a model is loaded."""

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from studio.catalog.card import ModelCard
from studio.cli.console import UsageError
from studio.cli.music_options import BARS_MOST, bars_of, meter_of, program_from, tracks_of
from studio.cli.wrong import words_of
from studio.core.adapter import Adapter
from studio.core.errors import StudioError
from studio.core.files import told
from studio.core.ids import new_id
from studio.core.piece_settings import KINDS, PieceSettings
from studio.core.pieces import PieceJob
from studio.media.music.asking import MAKES_TRACK, Aim, Choice, aim, bars_words, unheld, why_not, writes_drums
from studio.media.music.asking_job import new_track, prepared, wishes
from studio.media.music.carried import named
from studio.media.music.chords import lay_progression, read_progression
from studio.media.music.edits_time import put_chords, set_meter, set_tempo
from studio.media.music.instruments import program_name
from studio.media.music.midi import Read
from studio.media.music.score import Score, Track
from studio.media.music.theory import parse_key, parse_scale
from studio.media.music.vocabulary import LEVELS

T = TypeVar("T")
SEED_BITS: Final = 32
JOB_ONLY: Final = ("notes", "wishes", "picks")
JSON: Final = {
    "wishes": '[{"track": "t1", "density": 5}]',
    "picks": '[{"track": "t1", "start": 0, "pitch": 60}]',
}
_KNOBS: Final = (
    *("amount", "role", "scale", "temperature", "top_p", "top_k", "each_bar", "hold_key", "hold_chords"),
    *KINDS,
)
_ALIKE: Final = (*("amount", "hold_key", "scale", "hold_chords", "takes", "temperature", "top_p", "top_k"),)
_OPTIONS: Final = ("task", "amount", "role", "scale", "seed", "takes", *KINDS)


class Asked(Struct, frozen=True, kw_only=True):
    """What was typed, read and checked: the score that is asked about, and what of it is to be written.

    `fields` are those of the job that are no knobs; `read` is what the file of --from says, None without one.
    """

    score: Score
    aim: Aim
    settings: PieceSettings
    fields: dict[str, Any] = {}
    read: Read | None = None


def asked(options: argparse.Namespace) -> Asked:
    """What the options describe. Raises UsageError naming what is wrong and what is allowed, StudioError."""
    try:
        settings, fields = _settings(options)
        read = _read(options.source) if options.source is not None else None
        score = _timed(options, read.score if read else _empty(settings))
        wanted = _aim(options, score, settings)
        score = _laid(options, score, wanted, settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"The job is not right: {words_of(error)}.") from error
    if why := why_not(score, wanted):
        raise StudioError(why, kept="Nothing was made.", do=_there_is(score), code="music_nothing")
    if unheld(score, wanted, settings.changed(hold_chords=False)):
        raise UsageError(f"There is no key at bar {wanted.first_bar + 1} to hold: name one with --key.")
    if unheld(score, wanted, settings):
        raise UsageError(f"There are no chords over {bars_words(wanted)} to hold: name some with --chords.")
    return Asked(score=score, aim=wanted, settings=settings, fields=fields, read=read)


def music_job(
    ask: Asked, card: ModelCard, adapters: tuple[Adapter, ...] = ()
) -> tuple[PieceJob, dict[str, bytes]]:
    """The job, and the file it names. Raises UsageError, StudioError when the model cannot do it."""
    settings, wanted = ask.settings, ask.aim
    if why := card.modes.get("drums" if writes_drums(ask.score, wanted) else wanted.task, ""):
        raise StudioError(why, do="Choose another model with --model.", code="mode")
    new = new_track(ask.score, wanted, settings)
    name, data = named(ask.score)
    values: dict[str, Any] = {
        "id": new_id(),
        "task": wanted.task,
        "score": name,
        "first_bar": wanted.first_bar,
        "last_bar": wanted.last_bar,
        "tracks": wanted.tracks,
        "new": new,
        "wishes": wishes(ask.score, wanted, settings, new),
        "model": card.path,
        "adapters": adapters,
        "seed": secrets.randbits(SEED_BITS) if settings.seed is None else settings.seed,
    }
    try:
        job = PieceJob(**values | {name: getattr(settings, name) for name in _ALIKE} | ask.fields)
        msgspec.json.encode(job)
    except msgspec.ValidationError as error:
        raise UsageError(f"The job is not right: {words_of(error)}.") from error
    except UnicodeEncodeError as error:  # bytes that the shell passed on and that are no text
        raise UsageError(f"What was typed is not UTF-8 text: {error.object[:40]!r}.") from error
    return job, {name: data}


# -- knobs ---------------------------------------------------------------------------------------


def _settings(options: argparse.Namespace) -> tuple[PieceSettings, dict[str, Any]]:
    """Knobs, and fields of the job that are no knobs, as they were given; --set wins over the options."""
    knobs: dict[str, Any] = {
        name: value for name in _OPTIONS if (value := getattr(options, name)) is not None
    }
    if options.length is not None:
        knobs["bars"] = options.length
    if options.program is not None:
        knobs["program"] = program_from(options.program)
    if options.free and (options.hold_key or options.hold_chords):
        raise UsageError("--free holds nothing: it does not go with --hold-key or --hold-chords.")
    knobs["hold_key"] = options.hold_key or (bool(options.key or options.scale) and not options.free)
    knobs["hold_chords"] = options.hold_chords or (bool(options.chords) and not options.free)
    job: dict[str, Any] = {}
    for pair in options.set:
        key, equals, value = pair.partition("=")
        if not equals or key not in _KNOBS + JOB_ONLY:
            known = ", ".join(sorted(_KNOBS + JOB_ONLY))
            raise UsageError(f"--set {pair} is not KEY=VALUE with one of these keys: {known}.")
        if key in JOB_ONLY:
            kind = next(field.type for field in msgspec.structs.fields(PieceJob) if field.name == key)
            job[key] = msgspec.convert(_json(pair, value) if key in JSON else value, kind, strict=False)
        else:
            knobs[key] = value
    settings = msgspec.convert(knobs, PieceSettings, strict=False)
    for kind in KINDS:
        level = getattr(settings, kind)
        if level is not None and level >= LEVELS[kind]:
            raise UsageError(f"{kind} {level} is no level: it goes from 0 to {LEVELS[kind] - 1}.")
    if settings.scale:
        _typed("--scale", settings.scale, parse_scale)
    return settings, job


def _json(pair: str, value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        example = JSON[pair.partition("=")[0]]
        raise UsageError(f"--set {pair}: the value is not JSON, like {example}.") from error


# -- the score -----------------------------------------------------------------------------------


def _read(path: Path) -> Read:
    from studio.media.music.exchange import read_music

    with told(f"read {path}"):
        data = path.read_bytes()
    read = read_music(data, path.name)
    if not read.score.tracks:
        raise StudioError(
            f"There is no music in {path.name}: it has no tracks.", do="Choose another file.", code="empty"
        )
    return read


def _empty(settings: PieceSettings) -> Score:
    """A piece of one track; of none when the task brings its own."""
    if settings.task in MAKES_TRACK:
        return Score()
    name = program_name(settings.program) if settings.program else "Piano"
    return Score(tracks=(Track(id="t1", name=name, program=settings.program),))


def _timed(options: argparse.Namespace, score: Score) -> Score:
    if options.tempo is not None:
        score = set_tempo(msgspec.structs.replace(score, tempos=score.tempos[:1]), 0, options.tempo)
    if options.meter is not None:
        score = set_meter(
            msgspec.structs.replace(score, meters=score.meters[:1]), 0, *meter_of(options.meter)
        )
    return score


def _aim(options: argparse.Namespace, score: Score, settings: PieceSettings) -> Aim:
    """Which bars of which tracks. Raises UsageError."""
    if (
        options.source is not None
        and options.program is not None
        and settings.task not in ("add", "harmonise")
    ):
        raise UsageError(
            f"--program is the instrument of a new track: it goes with --task add or harmonise, not {settings.task}."
        )
    names = tuple(track.name or program_name(track.program, track.drums) for track in score.tracks)
    every = tuple(track.id for track in score.tracks)
    picked = every if options.tracks is None else tuple(every[at] for at in tracks_of(options.tracks, names))
    if settings.task == "infill" and options.bars is None and score.note_count:
        raise UsageError(f"--task infill needs --bars A-B: there are bars 1 to {len(score.bars())}.")
    bars = None
    if options.bars is not None:
        most = len(score.bars()) - 1 if score.note_count else -1
        further = settings.task == "continue" or not score.note_count
        bars = bars_of(options.bars, (0, most + BARS_MOST if further else most))
    elif settings.task == "infill":
        bars = (0, settings.bars - 1)
    return aim(score, settings.task, Choice(tracks=picked, bars=bars), settings.bars)


def _laid(options: argparse.Namespace, score: Score, wanted: Aim, settings: PieceSettings) -> Score:
    """With the key and the chords that were asked for over the bars that are written."""
    if options.key is not None:
        _typed("--key", options.key, parse_key)
        score = prepared(score, wanted, settings.changed(hold_key=True, key=options.key))
    if options.chords is not None:
        bars = _typed("--chords", options.chords, read_progression)
        starts = score.bars(wanted.last_bar + 1).starts[wanted.first_bar : wanted.last_bar + 2]
        score = put_chords(score, lay_progression(bars, starts))
    return score


def _there_is(score: Score) -> str:
    if not score.note_count:
        return "Name a piece to go on from: --from FILE."
    tracks = len(score.tracks)
    return (
        f"There {'is 1 track' if tracks == 1 else f'are {tracks} tracks'} and bars 1 to {len(score.bars())}."
    )


def _typed(option: str, words: str, read: Callable[[str], T]) -> T:
    """What was typed behind an option, read. Raises UsageError with the reader's own words."""
    try:
        return read(words)
    except StudioError as error:
        raise UsageError(f"{option} “{words}”: {error.what} {error.do}".strip()) from error
