"""llama.cpp by itself, as the bench compares us with it: its own decode loop and its own samplers."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.jobs import Sampling
from studio.worker.gguf_copy import Kind, copy_as_gguf
from studio.worker.text.gguf import library

_KINDS: tuple[Kind, ...] = ("f32", "f16", "q8_0")
_CELLS = 1024


def bare_llama(
    path: str, folder: Path, ids: list[int], tokens: int, threads: int
) -> tuple[dict[str, Callable[[int], float]], str]:
    """For each number type a function (seed) that gives the seconds of one take of `tokens`; or none, and why not."""
    try:
        lib = library()
        runs: dict[str, Callable[[int], float]] = {}
        for kind in _KINDS:
            file = folder / f"{kind}.gguf"
            copy_as_gguf(Path(path), file, kind)
            runs[f"llama_cpp_{kind}"] = _Bare(lib, file, ids, tokens, threads).run
    except StudioError as error:
        return {}, error.do
    except ValueError as error:
        return {}, str(error)
    return runs, ""


class _Bare:
    """A model in llama.cpp and a loop around it with nothing else inside."""

    def __init__(self, lib: Any, file: Path, ids: list[int], tokens: int, threads: int) -> None:
        self._lib, self._tokens = lib, tokens
        self._ids = (lib.llama_token * len(ids))(*ids)
        self._model = lib.llama_model_load_from_file(str(file).encode(), lib.llama_model_default_params())
        self._vocab = int(lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self._model)))
        settings = lib.llama_context_default_params()
        settings.n_ctx, settings.n_threads, settings.n_threads_batch = _CELLS, threads, threads
        self._context = lib.llama_init_from_model(self._model, settings)

    def _sampler(self, seed: int) -> Any:
        lib, knobs = self._lib, Sampling()
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for link in (
            lib.llama_sampler_init_penalties(
                self._vocab, knobs.penalty_tokens, knobs.repetition_penalty, 0.0, 0.0
            ),
            lib.llama_sampler_init_top_p(knobs.top_p, 1),
            lib.llama_sampler_init_min_p(knobs.min_p, 1),
            lib.llama_sampler_init_temp(knobs.temperature),
            lib.llama_sampler_init_dist(seed),
        ):
            lib.llama_sampler_chain_add(chain, link)
        return chain

    def run(self, seed: int) -> float:
        """Read the prompt and write one take, whatever it says."""
        lib = self._lib
        chain = self._sampler(seed)
        began = time.perf_counter()
        lib.llama_memory_clear(lib.llama_get_memory(self._context), True)
        lib.llama_decode(self._context, lib.llama_batch_get_one(self._ids, len(self._ids)))
        one = (lib.llama_token * 1)()
        for _ in range(self._tokens - 1):
            one[0] = lib.llama_sampler_sample(chain, self._context, -1)
            lib.llama_decode(self._context, lib.llama_batch_get_one(one, 1))
        lib.llama_sampler_sample(chain, self._context, -1)
        seconds = time.perf_counter() - began
        lib.llama_sampler_free(chain)
        return seconds
