"""What a base model learnt from, or what it writes by itself: rows of it among the person's keep it from forgetting.

Where the base's folder has a folder `replay` (texts, or MIDI files), those are what it learnt from. Else a language
model writes some texts from nothing before the training begins: its own samples stand in for its own data
(self-distillation; arXiv 1606.09282 keeps the old answers likewise). Music without such a folder has no replay: takes
need a grammar and a prompt, and what came of them would be the prompts' mix again.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from studio.core.files import told
from studio.worker.text.tokens import TextTokens
from studio.worker.tune.chance import untouched
from studio.worker.tune.run import Run
from studio.worker.tune.text_ids import document_ids
from studio.worker.tune.token_store import TokenStore

FOLDER: Final = "replay"
_NAME: Final = "replay"
_TOKENS: Final = 32_768  # the base writes at most
_LENGTH, _TOGETHER = 256, 16  # tokens of a text, texts at once
_TEXT_BYTES_MOST: Final = 4_000_000


def text_replay(run: Run, base: Path, model: Any, tokens: TextTokens) -> TokenStore | None:
    """The texts that are replayed; made once and kept in the run's data. None where none is asked for or to be had."""
    share = run.settings.data.replay
    if share <= 0.0:
        return None
    kept = TokenStore.kept(run.folder.data, _NAME)
    if kept is None:
        with told("write the run's data", "Your folder was not changed."):
            kept = TokenStore.write(run.folder.data, _NAME, _texts(run, base, model, tokens))
    if kept.tokens < 2:
        run.note("The base model has nothing to replay; the training goes on without it.", code="no_replay")
        return None
    return kept


def _texts(run: Run, base: Path, model: Any, tokens: TextTokens) -> Iterator[tuple[str, np.ndarray]]:
    files = sorted((base / FOLDER).glob("*.txt")) if (base / FOLDER).is_dir() else []
    if files:
        for file in files:
            run.check()
            text = file.read_bytes()[:_TEXT_BYTES_MOST].decode("utf-8", "replace")
            for number, part in enumerate(text.split("<|endoftext|>")):
                if part.strip():
                    yield f"{file.name} {number}", document_ids(tokens, part.strip("\n"))
    elif tokens.start is not None:
        yield from _own(run, model, tokens)


def _own(run: Run, model: Any, tokens: TextTokens) -> Iterator[tuple[str, np.ndarray]]:
    """Texts from nothing, at temperature 1: what the model holds likely."""
    ends = sorted(tokens.ends)
    wanted = int(
        min(_TOKENS, run.settings.data.replay * run.settings.steps * run.settings.optimizer.batch * _LENGTH)
    )
    begin = torch.full((_TOGETHER, 1), tokens.start, device=model.device)
    done = 0
    with untouched(), torch.no_grad():
        torch.manual_seed(run.settings.seed % 2**63)
        while done < max(wanted, _LENGTH):
            run.check()
            run.phase(
                "caching", min(1.0, done / max(wanted, 1)), "The base model writes what it is to remember."
            )
            found = model.generate(
                begin,
                do_sample=True,
                top_k=0,
                max_new_tokens=_LENGTH,
                eos_token_id=ends or None,
                pad_token_id=ends[0] if ends else 0,
                suppress_tokens=sorted(tokens.never) or None,
            )
            for line in found.tolist():
                text = _until(line, frozenset(ends))
                done += len(text)
                yield f"own {done}", np.array(text, np.uint32)


def _until(ids: list[int], ends: frozenset[int]) -> list[int]:
    """Up to and with the first end behind the beginning."""
    for place, token in enumerate(ids[1:], 1):
        if token in ends:
            return ids[: place + 1]
    return ids
