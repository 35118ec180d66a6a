"""Sampling presets of KoboldAI Lite, KoboldCpp and SillyTavern (text completion): their names, our knobs."""

import json
import math
from collections.abc import Callable
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec
from msgspec import Meta

from studio.core.errors import StudioError
from studio.core.sampling import STEPS, Sampling, Step
from studio.media.spans import whole

# their name -> our knob, for values that mean the same
SAME: Final = {
    "temp": "temperature",
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "typical": "typical_p",
    "typical_p": "typical_p",
    "typ_s": "typical_p",
    "nsigma": "top_n_sigma",
    "top_n_sigma": "top_n_sigma",
    "rep_pen": "repetition_penalty",
    "repetition_penalty": "repetition_penalty",
    "presence_pen": "presence_penalty",
    "presence_penalty": "presence_penalty",
    "freq_pen": "frequency_penalty",
    "frequency_penalty": "frequency_penalty",
    "rep_pen_range": "penalty_tokens",
    "repetition_penalty_range": "penalty_tokens",
    "dynatemp_range": "dynamic_range",
    "dynatemp_exponent": "dynamic_exponent",
    "dry_multiplier": "dry_multiplier",
    "dry_base": "dry_base",
    "dry_allowed_length": "dry_allowed_length",
    "dry_penalty_last_n": "dry_tokens",
    "xtc_threshold": "xtc_threshold",
    "xtc_probability": "xtc_probability",
    "mirostat_tau": "mirostat_tau",
    "miro_tau": "mirostat_tau",
    "mirostat_eta": "mirostat_eta",
    "miro_eta": "mirostat_eta",
}
OFF: Final = {
    "tfs": 1,
    "tfs_s": 1,
    "guidance_scale": 1,
    "encoder_rep_pen": 1,
    "length_penalty": 1,
    "num_beams": 1,
}
HANDLED: Final = (
    "dynatemp", "min_temp", "max_temp", "mirostat_mode", "miro_type", "dry_sequence_breakers", "banned_tokens",
    "logit_bias", "sampler_order", "sampler_priority", "samplers", "temperature_last", "name", "title",
)  # fmt: skip
NESTED: Final = ("savedsettings", "settings", "preset")
KOBOLD_ORDER: Final[dict[int, tuple[Step, ...]]] = {
    0: ("top_k",),
    2: ("top_p", "min_p"),
    4: ("typical",),
    5: ("temperature",),
    6: ("penalties", "dry"),
}
STEP_NAMES: Final[dict[str, Step]] = {
    "repetition_penalty": "penalties", "presence_penalty": "penalties", "frequency_penalty": "penalties",
    "penalties": "penalties", "dry": "dry", "temperature": "temperature", "dynamic_temperature": "temperature",
    "top_n_sigma": "top_n_sigma", "nsigma": "top_n_sigma", "top_k": "top_k", "typical_p": "typical",
    "typ_p": "typical", "typical": "typical", "top_p": "top_p", "min_p": "min_p", "xtc": "xtc",
}  # fmt: skip
_ENOUGH: Final = 2  # known names by which a file is recognised


def foreign_preset(value: object, name: str) -> tuple[str, Sampling, tuple[str, ...]]:
    """(title, knobs, what was left out) of another program's preset. Raises StudioError when it is none."""
    table = _table(value)
    if table is None:
        raise StudioError(
            f"{name} holds no sampling preset that Atelier knows.",
            kept="Nothing was changed.",
            do="Choose a preset saved by Atelier, KoboldAI Lite or SillyTavern (text completion).",
            code="damaged_preset",
        )
    reader = _Reader(table)
    title = next((table[key] for key in ("name", "title") if isinstance(table.get(key), str)), "")
    return title, reader.sampling(), tuple(reader.left_out)


def _table(value: object) -> dict[str, Any] | None:
    """The table with the knobs: the whole file or a part of it."""
    if not isinstance(value, dict):
        return None
    for table in (value, *(value.get(key) for key in NESTED)):
        if isinstance(table, dict) and len(set(table) & set(SAME)) >= _ENOUGH:
            return table
    return None


class _Reader:
    """Takes a table apart; `left_out` grows with what has no place here."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._knobs: dict[str, Any] = {}
        self.left_out: list[str] = []

    def sampling(self) -> Sampling:
        """The knobs; what is not named is switched off, as those programs have it."""
        self._knobs = {"top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0}
        for theirs, ours in SAME.items():
            if theirs in self._table:
                self._number(theirs, ours)
        self._heat()
        self._mirostat()
        self._texts("dry_sequence_breakers", "dry_breakers", self._strings)
        self._texts("banned_tokens", "banned_phrases", self._lines)
        self._biases()
        self._knobs["order"] = self._order()
        for key, value in self._table.items():
            if key not in SAME and key not in HANDLED and _says_something(key, value):
                self.left_out.append(str(key)[:60])
        return Sampling(**self._knobs)

    def _number(self, theirs: str, ours: str) -> None:
        value = _numeric(self._table[theirs])
        if value is None:
            if self._table[theirs] not in (None, ""):
                self.left_out.append(f"{theirs}: not a number")
            return
        kind, low, high = _bounds(ours)
        if ours in ("top_k", "dry_tokens"):
            value = max(value, 0)  # -1 is theirs for off, or for all
        if ours == "penalty_tokens" and value <= 0:
            value = high
        fitted = min(max(value, low), high)
        if fitted != value:
            self.left_out.append(
                f"{theirs} {value:g}: here at {'least' if value < low else 'most'} {fitted:g}"
            )
        self._knobs[ours] = kind(fitted)

    def _heat(self) -> None:
        """SillyTavern's dynamic temperature is a least and a greatest one."""
        if "dynatemp" not in self._table:
            return
        self._knobs.pop("dynamic_range", None)
        if not self._table["dynatemp"]:
            return
        least, most = (_numeric(self._table.get(key)) for key in ("min_temp", "max_temp"))
        if least is None or most is None or not 0 <= least <= most <= 5:
            self.left_out.append("dynatemp: its temperatures")
            return
        self._knobs |= {"temperature": (least + most) / 2, "dynamic_range": (most - least) / 2}

    def _mirostat(self) -> None:
        for key in ("mirostat_mode", "miro_type"):
            mode = _numeric(self._table.get(key))
            if mode == 2:
                self._knobs["mirostat"] = 2
            elif mode:
                self.left_out.append("mirostat 1")

    def _texts(self, theirs: str, ours: str, read: Callable[[Any], list[str]]) -> None:
        if theirs in self._table:
            found = list(dict.fromkeys(read(self._table[theirs])))
            if ours == "banned_phrases" or found:
                self._knobs[ours] = tuple(text for text in found if 0 < len(text) <= 200)[:200]

    def _strings(self, value: Any) -> list[str]:
        """A list of strings, or one written as JSON."""
        if isinstance(value, str):
            try:
                value = json.loads(value if value.lstrip().startswith("[") else f"[{value}]")
            except (ValueError, RecursionError):
                self.left_out.append("dry_sequence_breakers: not readable")
                return []
        return [whole(text) for text in value if isinstance(text, str)] if isinstance(value, list) else []

    def _lines(self, value: Any) -> list[str]:
        """SillyTavern's banned strings: a line each, those in quotes; [1, 2] are token ids."""
        lines = value.splitlines() if isinstance(value, str) else value if isinstance(value, list) else []
        found = []
        for line in lines:
            text = line.strip() if isinstance(line, str) else ""
            if text.startswith("[") or (text.isdigit() and text):
                self.left_out.append(f"banned token {text[:40]}")
            elif text:
                found.append(text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text)
        return found

    def _biases(self) -> None:
        rows = self._table.get("logit_bias")
        found = []
        for row in rows if isinstance(rows, list) else []:
            text = row.get("text") if isinstance(row, dict) else None
            bias = _numeric(row.get("value")) if isinstance(row, dict) else None
            if (
                isinstance(text, str)
                and 0 < len(text) <= 200
                and bias is not None
                and not text.startswith("[")
            ):
                found.append((text, min(max(float(bias), -100.0), 100.0)))
            else:
                self.left_out.append("a logit bias of token ids")
        if isinstance(rows, dict) and rows:
            self.left_out.append("logit_bias: token ids")
        self._knobs["logit_bias"] = tuple(found[:200])

    def _order(self) -> tuple[Step, ...]:
        """Their order of the steps, as far as it is told; the others stand as usual."""
        told: list[Step] = []
        for key in ("sampler_order", "samplers", "sampler_priority"):
            value = self._table.get(key)
            if isinstance(value, list) and value:
                for item in value:
                    told += KOBOLD_ORDER.get(item, ()) if type(item) is int else ()
                    told += [STEP_NAMES[item]] if isinstance(item, str) and item in STEP_NAMES else []
                break
        if not told:
            last = self._table.get("temperature_last") is True
            rest = [step for step in STEPS if step != "temperature"]
            return (*rest[:-1], "temperature", rest[-1]) if last else STEPS
        told = list(dict.fromkeys(told))
        for at, step in enumerate(STEPS):  # what was not told goes where it usually stands
            if step not in told:
                earlier = [told.index(other) for other in STEPS[:at] if other in told]
                told.insert(max(earlier, default=-1) + 1, step)
        return tuple(told)


def _numeric(value: Any) -> float | None:
    """A finite number, also one written as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _says_something(key: str, value: Any) -> bool:
    """Whether an unknown setting was switched on."""
    return value not in (None, False, "", 0, OFF.get(key)) and value != [] and value != {}


def _bounds(knob: str) -> tuple[type, float, float]:
    """(number type, least, greatest) of one of our knobs."""
    field = next(field for field in msgspec.structs.fields(Sampling) if field.name == knob)
    if get_origin(field.type) is not Annotated:
        raise TypeError(f"{knob} has no bounds")
    kind, meta = get_args(field.type)[:2]
    assert isinstance(meta, Meta)
    assert meta.le is not None
    low = meta.ge if meta.ge is not None else 0.01
    return kind, float(low), float(meta.le)
