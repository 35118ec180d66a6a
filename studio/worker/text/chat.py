"""A model's chat template: where the system's, the person's and the model's words stand, and the marks between.

The template never sees the person's text: it is rendered with placeholders, and the text is encoded apart, so
that no text can spell a mark. Templates run in Jinja's sandbox and know no date: a recipe stays good.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.worker.text.plain_json import named, optional_json

_SLOTS = {"system": "\ue000system\ue001", "user": "\ue000user\ue001", "assistant": "\ue000assistant\ue001"}
_SLOT = re.compile("\ue000(system|user|assistant)\ue001")
_TRACKED = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")  # marks for training; nothing is shown for them
_MAX_CHARS = 200_000

Layout = tuple[tuple[str, str], ...]  # ("text", literal) or ("slot", name), in order


@dataclass(frozen=True)
class ChatTemplate:
    """A template's source and the special tokens it may name (`bos_token` ...)."""

    source: str
    special: dict[str, str] = field(default_factory=dict)

    def layout(self, *, system: bool) -> Layout:
        """What stands around the words of the system and the person, up to where the model begins.

        A template that knows no system gets both slots in the person's turn. Raises StudioError when it
        cannot be rendered.
        """
        user = _SLOTS["user"]
        if not system:
            return self._parse([_message("user", user)], generate=True)
        try:
            return self._parse([_message("system", _SLOTS["system"]), _message("user", user)], generate=True)
        except StudioError:
            return self._parse([_message("user", f"{_SLOTS['system']}\n\n{user}")], generate=True)

    def closing(self) -> str:
        """What closes the model's turn."""
        turns = [_message("user", _SLOTS["user"]), _message("assistant", _SLOTS["assistant"])]
        parts = self._parse(turns, generate=False)
        after = parts.index(("slot", "assistant")) + 1
        return parts[after][1] if after < len(parts) else ""

    def _parse(self, messages: list[dict[str, str]], *, generate: bool) -> Layout:
        rendered = self._render(messages, generate=generate)
        split = _SLOT.split(rendered)
        parts = [("slot" if place % 2 else "text", piece) for place, piece in enumerate(split)]
        wanted = sorted(_SLOT.findall("".join(message["content"] for message in messages)))
        if sorted(name for kind, name in parts if kind == "slot") != wanted:
            raise _unusable("it leaves out or repeats a message")
        return tuple((kind, piece) for kind, piece in parts if piece)

    def _render(self, messages: list[dict[str, str]], *, generate: bool) -> str:
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _raise
        try:
            return environment.from_string(_TRACKED.sub("", self.source)).render(
                messages=messages,
                add_generation_prompt=generate,
                enable_thinking=False,
                tools=None,
                documents=None,
                **self.special,
            )
        except Exception as error:  # a template is foreign code and may raise anything
            raise _unusable(str(error)[:200] or type(error).__name__) from error


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _raise(words: str) -> None:
    from jinja2.exceptions import TemplateError

    raise TemplateError(words)


def _unusable(why: str) -> StudioError:
    return StudioError(
        f"The model's chat template cannot be used: {why}.",
        do="Copy or download tokenizer_config.json (or chat_template.jinja) again, or choose another model.",
        code="chat_template",
    )


def load_chat(folder: Path) -> ChatTemplate | None:
    """The chat template of a model folder; None when it has none."""
    settings = optional_json(folder / "tokenizer_config.json")
    source = _source(folder, settings)
    if source is None or not source.strip() or len(source) > _MAX_CHARS:
        return None
    special = {
        name: text
        for name, value in settings.items()
        if name.endswith("_token") and (text := named(value)) is not None
    }
    return ChatTemplate(source, special)


def _source(folder: Path, settings: dict[str, Any]) -> str | None:
    """The file of its own goes before the entry in tokenizer_config.json."""
    try:
        return (folder / "chat_template.jinja").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    entry = settings.get("chat_template")
    if isinstance(entry, list):  # several, by name
        named_ones = {item.get("name"): item.get("template") for item in entry if isinstance(item, dict)}
        entry = named_ones.get("default")
    return entry if isinstance(entry, str) else None
