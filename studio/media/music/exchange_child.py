"""The child that reads and writes with music21: `python -m studio.media.music.exchange_child`, JSON in and out."""

import contextlib
import sys
import warnings

import msgspec

from studio.core.errors import StudioError
from studio.media.music.document import from_text, to_text
from studio.media.music.exchange import Answer, Asked

MEMORY_MOST_BYTES = 6 * 2**30  # of addresses; 100,000 notes take 2 GB


def answer(asked: Asked) -> Answer:
    """Do what is asked; what goes wrong inside music21 is told in its words."""
    from studio.media.music.exchange_read import read_abc, read_musicxml
    from studio.media.music.exchange_write import musicxml

    try:
        if asked.kind == "write":
            text, notes = musicxml(from_text(asked.text), asked.title)
            return Answer(text=text, notes=notes)
        score, notes, title = (read_abc if asked.kind == "abc" else read_musicxml)(asked.text)
        return Answer(text=to_text(score), notes=notes, title=title)
    except StudioError as error:
        return Answer(error=error.what.rstrip("."))
    except (RecursionError, MemoryError) as error:
        return Answer(error=f"it is too deep or too large ({type(error).__name__})")
    except Exception as error:  # noqa: BLE001  # music21 raises whatever its input makes it raise
        words = " ".join(str(error).split())[:200]
        return Answer(error=f"its notation is not understood ({words or type(error).__name__})")


def main() -> None:
    """One request, one answer."""
    _bound_memory()
    warnings.simplefilter("ignore")
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    with contextlib.redirect_stdout(sys.stderr):  # music21 prints
        told = answer(asked)
    sys.stdout.buffer.write(msgspec.json.encode(told))


def _bound_memory() -> None:
    """Where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST_BYTES, MEMORY_MOST_BYTES))


if __name__ == "__main__":
    main()
