"""Turns a text job into takes: one shared prefill, then all takes step by step together."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from studio import __version__
from studio.core.adapter import Adapter, AtWork, at_work
from studio.core.errors import StoppedError
from studio.core.events import JobEnd, Started
from studio.core.jobs import TextJob
from studio.core.takes import Made
from studio.worker.causal.adapted import no_hashes
from studio.worker.causal.kept import CHUNK_TOKENS, KeptPrompts, Read
from studio.worker.causal.model import CausalModel, chosen_kernel
from studio.worker.text.insight import Thought, thoughts
from studio.worker.text.lookup import with_lookup
from studio.worker.text.prompt import Prompt, lay_out
from studio.worker.text.tokens import TextTokens
from studio.worker.text.wave import Opening, Send, Stopped, Wave


@dataclass
class TextRunner:
    """A model that stands ready, with its tokenizer and the prompts it has read lately."""

    model: CausalModel
    tokens: TextTokens
    sha256: Callable[[], str]
    kept: KeptPrompts
    threads: int
    adapters: AtWork = ()  # that are laid over the model
    hashes: Callable[[Sequence[Adapter]], tuple[str, ...]] = no_hashes

    def run(self, job: TextJob, send: Send, stopped: Stopped) -> None:
        """Make the job's takes; sends Started, Delta, TakeEnd and JobEnd.

        Raises StudioError when the job cannot be done with this model.
        """
        began = time.monotonic()
        if at_work(job.adapters) != self.adapters:
            raise ValueError("a job's adapters are laid over the model before it comes here")
        with torch.inference_mode():
            try:
                prompt = lay_out(job, self.tokens, self.model.context_tokens)
                read, opening = self._read(prompt, stopped)
            except StoppedError:
                send(JobEnd(job=job.id, status="stopped", seconds=time.monotonic() - began, tokens_per_s=0.0))
                return
            room = self.model.context_tokens - len(prompt.ids)
            kernel = chosen_kernel(self.model, job.kernel)
            model = with_lookup(self.model, job, prompt.ids, kernel)
            wave = Wave(model, self.tokens, job, prompt, opening, min(job.tokens, room), kernel)
            made = self._made(job, prompt, read, kernel)
            send(Started(job=job.id, made=made, seeds=wave.seeds))
            wave.run(send, stopped, began)

    def _read(self, prompt: Prompt, stopped: Stopped) -> tuple[Read, Opening]:
        """Read the prompt, then the lead: its tokens' probabilities are wanted, so it is never kept."""

        def check() -> None:
            if stopped():
                raise StoppedError()

        lead = prompt.lead_ids[-(len(prompt.ids) - 1) :] if len(prompt.ids) > 1 else []
        read = self.kept.read(prompt.ids[: len(prompt.ids) - len(lead)], check)
        if not lead:
            return read, Opening(read.cache, read.logits, [])
        cache = self.model.cropped(read.cache, len(read.ids))
        before = [read.logits[None]]  # what the model thought before each token of the lead
        for at in range(0, len(lead), CHUNK_TOKENS):
            check()
            before.append(self.model.extend_all(cache, lead[at : at + CHUNK_TOKENS]))
        logits = torch.cat(before)
        found = thoughts(logits[:-1], torch.tensor(lead, device=logits.device))
        missing = len(prompt.lead_ids) - len(lead)  # with nothing before it, nothing was thought of the first
        return read, Opening(cache, logits[-1], [Thought(0.0, 0, ())] * missing + found)

    def _made(self, job: TextJob, prompt: Prompt, read: Read, kernel: str) -> Made:
        return Made(
            model_sha256=self.sha256(),
            family=self.model.family,
            device=self.model.device,
            dtype=self.model.dtype,
            threads=self.threads,
            adapters_sha256=self.hashes(job.adapters),
            chunk_tokens=CHUNK_TOKENS,
            prompt_tokens=len(prompt.ids),
            reused_tokens=read.reused,
            computed_tokens=len(prompt.ids) - read.reused,
            prompt_cut_chars=prompt.cut_chars,
            filled_in=prompt.filled_in,
            parts=prompt.parts,
            kernel=kernel,
            torch=str(torch.__version__),
            atelier=__version__,
        )
