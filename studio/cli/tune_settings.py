"""From what was typed after `tune text|image|music` to the settings of a run."""

import argparse
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.console import UsageError
from studio.cli.wrong import words_of
from studio.core.checked import Checked
from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.tuning import ARTS, TuneSettings

STARTERS: Final = {"text": "story", "image": "picture", "music": "sketch"}
_OPTIONS: Final = ("method", "steps", "epochs", "seed", "name")
_LISTS: Final = '["a", "b"]'
_FIXED: Final = ("art", "version", "folder")
Told = dict[str, Any]  # "group.key" -> value


def settings_of(options: argparse.Namespace) -> TuneSettings:
    """The settings that were asked for. Raises UsageError naming what is wrong, StudioError for the config file."""
    raw: dict[str, Any] = {"art": options.kind, "folder": str(options.folder.resolve())}
    raw["base"] = str(starter_model(STARTERS[options.kind]))
    for key, value in told_of(options).items():
        group, dot, name = key.rpartition(".")
        (raw.setdefault(group, {}) if dot else raw)[name] = value
    try:
        settings: TuneSettings = msgspec.convert(raw, TuneSettings)
    except msgspec.ValidationError as error:
        raise UsageError(f"The settings are not right: {words_of(error)}.") from error
    _encodable(settings)
    return settings


def told_of(options: argparse.Namespace) -> Told:
    """What was typed or stands in the config file, by the setting's name "group.key"; what was typed wins.

    Raises UsageError for a key or a value that is none, StudioError "config" for the file.
    """
    told: Told = _flat(_config(options.config, options.kind)) if options.config else {}
    told |= {name: value for name in _OPTIONS if (value := getattr(options, name)) is not None}
    if options.base is not None:
        told["base"] = str(options.base.resolve())
    if options.out is not None:
        told["out"] = str(options.out.resolve())
    kinds = _kinds()
    for pair in options.set:
        key, equals, value = pair.partition("=")
        if not equals or key not in kinds:
            raise UsageError(
                f"--set {pair} is not KEY=VALUE with one of these keys: {', '.join(sorted(kinds))}."
            )
        told[key] = _value(pair, value, kinds[key])
    return told


def value_of(settings: TuneSettings, key: str) -> Any:
    """The value of "group.key" or "key"."""
    value: Any = settings
    for name in key.split("."):
        value = getattr(value, name)
    return value


def typed_over(settings: TuneSettings, wanted: TuneSettings, keys: Iterable[str]) -> TuneSettings:
    """Settings with those of `wanted` that were typed ("group.key") in place of their own."""
    for key in keys:
        group, dot, name = key.rpartition(".")
        value = value_of(wanted, key)
        changes = {group: getattr(settings, group).changed(**{name: value})} if dot else {name: value}
        settings = settings.changed(**changes)
    return settings


def _flat(raw: Told) -> Told:
    """The values of a file by "group.key", but for those that the command itself says."""
    flat: Told = {}
    for key, value in raw.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{name}": inner for name, inner in value.items()}
        elif key not in ("art", "folder"):
            flat[key] = value
    return flat


def _config(file: Path, art: str) -> dict[str, Any]:
    """What a settings file says; it need not say all. Raises StudioError "config"."""
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        what = f"{file} could not be read: {error.strerror or error}."
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        what = f"{file} is not TOML: {error}."
    else:
        if raw.get("art", art) not in ARTS or raw.get("art", art) == art:
            return raw
        raise UsageError(f"{file} is of “tune {raw['art']}”, not of “tune {art}”.")
    raise StudioError(what, kept="Nothing was begun.", do="Correct it, or choose another one.", code="config")


def _kinds() -> dict[str, Any]:
    """The type of every setting that can be typed, by "group.key"."""
    kinds: dict[str, Any] = {}
    for field in msgspec.structs.fields(TuneSettings):
        if isinstance(field.type, type) and issubclass(field.type, Checked):
            for inner in msgspec.structs.fields(field.type):
                kinds[f"{field.name}.{inner.name}"] = inner.type
        elif field.name not in _FIXED:
            kinds[field.name] = field.type
    return kinds


def _value(pair: str, value: str, kind: Any) -> Any:
    """A typed value as its setting wants it. Raises UsageError."""
    key = pair.partition("=")[0]
    try:
        raw: Any = value
        if "tuple" in str(kind):
            raw = msgspec.json.decode(value)
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"The settings are not right: {words_of(_named(error, key))}.") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise UsageError(f"--set {pair}: the value is not a list in JSON, like {_LISTS}.") from error


def _named(error: msgspec.ValidationError, key: str) -> msgspec.ValidationError:
    """The same complaint, with the name of what was typed before it."""
    return msgspec.ValidationError(f"{error} - at `$.{key}`")


def _encodable(settings: TuneSettings) -> None:
    """Raises UsageError for bytes that the shell passed on and that are no text."""
    try:
        msgspec.json.encode(settings)
    except UnicodeEncodeError as error:
        raise UsageError(f"What was typed is not UTF-8 text: {error.object[:40]!r}.") from error
