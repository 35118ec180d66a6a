"""Small readers for the settings beside a tokenizer."""

import json
from pathlib import Path
from typing import Any


def optional_json(file: Path) -> dict[str, Any]:
    """A JSON object from a file; empty when there is none."""
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def named(value: Any) -> str | None:
    """A special token's text, given as a string or as a table with its content."""
    text = value.get("content") if isinstance(value, dict) else value
    return text if isinstance(text, str) else None
