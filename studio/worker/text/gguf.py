"""GGUF models through llama.cpp (the extra package llama-cpp-python), behind the same small interface.

All caches live in one llama.cpp context, each as a sequence of its own; sequences that begin alike share their
cells. A sequence is given back when the value that stands for it is dropped.
"""

import ctypes
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.catalog.gguf import NEEDS
from studio.core.errors import StudioError
from studio.worker.causal.model import Tick

KERNEL = "llama.cpp"
_MOST_CONTEXT = 8192  # tokens of a prompt and its take; memory for more is rarely there
_SEQUENCES = 32
_SPARE_CELLS = 2048  # for takes beside a kept prompt and the one being read
_BATCH_TOKENS = 512


class GgufModel:
    """A model file in llama.cpp; a `CausalModel`."""

    kernel = KERNEL
    can = (KERNEL,)
    device = "cpu"
    keep_prompts = 1  # the cells are shared by all prompts

    def __init__(self, file: Path, family: str, threads: int, tick: Tick) -> None:
        """Raises StudioError when the package is missing or llama.cpp cannot load the file."""
        lib = self._lib = library()
        tick(0.1)
        settings = lib.llama_model_default_params()
        settings.n_gpu_layers = -1 if lib.llama_supports_gpu_offload() else 0
        self._model = lib.llama_model_load_from_file(str(file).encode(), settings)
        if not self._model:
            raise _unloadable(file)
        self._close = weakref.finalize(self, lib.llama_model_free, self._model)
        if lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model):
            raise StudioError(
                f"{file.name} is a recurrent model ({family}); takes cannot branch from its state yet.",
                do="Choose a transformer model.",
                code="unknown_architecture",
            )
        tick(0.8)
        self.vocabulary = lib.llama_model_get_vocab(self._model)
        self.vocab = int(lib.llama_vocab_n_tokens(self.vocabulary))
        self.family, self.dtype = family, "gguf"
        self.parameters = int(lib.llama_model_n_params(self._model))
        self.context_tokens = min(int(lib.llama_model_n_ctx_train(self._model)), _MOST_CONTEXT)
        self._context = _Context(
            lib, self._model, 2 * self.context_tokens + _SPARE_CELLS, threads, self.vocab
        )
        if not self._context.handle:
            raise _unloadable(file)
        tick(1.0)

    def chat_template(self) -> str | None:
        """The chat template the file carries."""
        raw = self._lib.llama_model_chat_template(self._model, None)
        return raw.decode("utf-8", errors="replace") if raw else None

    def empty(self) -> "Cells":
        """See `CausalModel`."""
        return Cells(self._context, 1)

    def extend(self, cache: "Cells", ids: Sequence[int]) -> Tensor:
        """See `CausalModel`."""
        return self._context.read(cache, [list(ids)], all_logits=False)[0, -1]

    def extend_all(self, cache: "Cells", ids: Sequence[int]) -> Tensor:
        """See `CausalModel`."""
        return self._context.read(cache, [list(ids)], all_logits=True)[0]

    def cropped(self, cache: "Cells", tokens: int) -> "Cells":
        """See `CausalModel`."""
        return cache.copy(1, tokens)

    def cache_bytes(self, cache: "Cells") -> int:
        """See `CausalModel`; the cells were set aside when the model was loaded."""
        del cache
        return 0

    def fork(self, cache: "Cells", rows: int, room: int, kernel: str = "") -> "Cells":
        """See `CausalModel`."""
        del room, kernel
        return cache.copy(rows, cache.tokens)

    def takes_bytes(self, forked: "Cells") -> int:
        """See `CausalModel`; the cells were set aside when the model was loaded."""
        del forked
        return 0

    def step(self, forked: "Cells", ids: Any) -> Tensor:
        """See `CausalModel`."""
        return self._context.read(forked, [[int(i)] for i in ids], all_logits=True)[:, 0]

    def step_many(self, forked: "Cells", ids: Any) -> Tensor:
        """See `CausalModel`; single steps, since llama.cpp's bits depend on the rows in a batch."""
        columns = np.asarray(ids).T
        return torch.stack([self.step(forked, column) for column in columns], dim=1)

    def rewind(self, forked: "Cells", back: int) -> None:
        """See `CausalModel`."""
        forked.crop(forked.tokens - back)


class _Context:
    """One llama.cpp context: its cells, its batch, the sequence numbers that are free."""

    def __init__(self, lib: Any, model: Any, cells: int, threads: int, vocab: int) -> None:
        self._lib, self._vocab = lib, vocab
        settings = lib.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch = cells, _BATCH_TOKENS, _BATCH_TOKENS
        settings.n_seq_max, settings.kv_unified = _SEQUENCES, True
        settings.swa_full = True  # so that sliding windows can be cut anywhere
        settings.n_threads = settings.n_threads_batch = threads
        settings.no_perf = True
        self.handle = lib.llama_init_from_model(model, settings)
        if not self.handle:
            return
        self._batch = lib.llama_batch_init(_BATCH_TOKENS, 0, 1)
        self.memory = lib.llama_get_memory(self.handle)
        self._free = list(range(_SEQUENCES))
        self._close = weakref.finalize(self, _close, lib, self.handle, self._batch)

    def claim(self, count: int) -> list[int]:
        """Numbers of sequences that nobody uses."""
        if len(self._free) < count:
            raise _full()
        return [self._free.pop() for _ in range(count)]

    def give_back(self, numbers: list[int]) -> None:
        """Forget what these sequences hold."""
        if self._close.alive:
            for number in numbers:
                self._lib.llama_memory_seq_rm(self.memory, number, -1, -1)
            self._free += numbers

    def copy(self, source: int, to: int, tokens: int) -> None:
        """Let a sequence begin with the first tokens of another."""
        self._lib.llama_memory_seq_cp(self.memory, source, to, 0, tokens)

    def crop(self, number: int, tokens: int) -> None:
        """Forget a sequence's tokens from this place on."""
        self._lib.llama_memory_seq_rm(self.memory, number, tokens, -1)

    def read(self, cells: "Cells", rows: list[list[int]], *, all_logits: bool) -> Tensor:
        """Give each sequence its next tokens (N, T): logits (N, T, V), or (N, 1, V) of the last ones."""
        length = len(rows[0])
        entries = [
            (token, cells.tokens + place, number, all_logits or place == length - 1)
            for number, row in zip(cells.numbers, rows, strict=True)
            for place, token in enumerate(row)
        ]
        parts = [
            self._decode(entries[at : at + _BATCH_TOKENS]) for at in range(0, len(entries), _BATCH_TOKENS)
        ]
        cells.tokens += length
        return torch.from_numpy(np.concatenate(parts).reshape(len(rows), -1, self._vocab))

    def _decode(self, entries: list[tuple[int, int, int, bool]]) -> np.ndarray:
        batch = self._batch
        for place, (token, position, number, wanted) in enumerate(entries):
            if not 0 <= token < self._vocab:
                raise IndexError("not a token of this model")
            batch.token[place], batch.pos[place] = token, position
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, number
            batch.logits[place] = wanted
        batch.n_tokens = len(entries)
        failed = self._lib.llama_decode(self.handle, batch)
        if failed:
            raise _full() if failed == 1 else RuntimeError(f"llama_decode gave {failed}")
        wanted_at = [place for place, entry in enumerate(entries) if entry[3]]
        out = np.empty((len(wanted_at), self._vocab), np.float32)
        for row, place in enumerate(wanted_at):
            found = self._lib.llama_get_logits_ith(self.handle, place)
            out[row] = np.ctypeslib.as_array(found, (self._vocab,))
        return out


class Cells:
    """Sequences of one length in a context; given back when this is dropped."""

    def __init__(self, context: _Context, rows: int) -> None:
        self._context = context
        self.numbers = context.claim(rows)
        self.tokens = 0
        weakref.finalize(self, context.give_back, list(self.numbers))

    def copy(self, rows: int, tokens: int) -> "Cells":
        """New sequences that begin with the first tokens of this one."""
        fresh = Cells(self._context, rows)
        for number in fresh.numbers:
            self._context.copy(self.numbers[0], number, tokens)
        fresh.tokens = tokens
        return fresh

    def crop(self, tokens: int) -> None:
        """Forget what stands from this place on."""
        for number in self.numbers:
            self._context.crop(number, tokens)
        self.tokens = tokens


def _close(lib: Any, handle: Any, batch: Any) -> None:
    lib.llama_batch_free(batch)
    lib.llama_free(handle)


def library() -> Any:
    """llama.cpp's functions, quiet. Raises StudioError when the package is not installed."""
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise StudioError(
            "This model is a GGUF file, which the extra package llama-cpp-python reads; it is not installed.",
            do=NEEDS,
            code="extra_missing",
        ) from error
    from llama_cpp._logger import set_verbose

    set_verbose(False)
    llama_cpp.llama_backend_init()
    return llama_cpp


def words_of(lib: Any, vocabulary: Any, ids: Iterable[int]) -> list[bytes]:
    """The bytes of each token; special ones are empty."""
    found = []
    room = ctypes.create_string_buffer(256)
    for number in ids:
        size = lib.llama_token_to_piece(vocabulary, number, room, len(room), 0, False)
        if size < 0:
            room = ctypes.create_string_buffer(-size)
            size = lib.llama_token_to_piece(vocabulary, number, room, len(room), 0, False)
        found.append(room.raw[: max(size, 0)])
    return found


def _unloadable(file: Path) -> StudioError:
    return StudioError(
        f"llama.cpp cannot load {file.name}: the file is damaged, of an unknown family, or too large for the memory.",
        do="Choose another model, or a newer llama-cpp-python.",
        code="damaged_model",
    )


def _full() -> StudioError:
    return StudioError(
        "The model's memory for text is full.",
        kept="What had streamed is kept.",
        do="Ask for fewer takes or a shorter text.",
        code="no_memory",
    )
