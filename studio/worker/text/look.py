"""What a model would read for a job: told without running it, from any thread."""

from collections.abc import Callable

from studio.core.events import Seen
from studio.core.jobs import TextJob
from studio.worker.text.prompt import lay_out
from studio.worker.text.tokens import TextTokens


def seen(job: TextJob, tokens: TextTokens, context: int, reusable: Callable[[list[int]], int]) -> Seen:
    """The parts of the job's prompt; `reusable` says how many first tokens the model has read already.

    Raises StudioError when the job cannot be laid out.
    """
    prompt = lay_out(job, tokens, context)
    return Seen(
        job=job.id,
        parts=prompt.parts,
        prompt_tokens=len(prompt.ids),
        reused_tokens=reusable(prompt.ids[: len(prompt.ids) - len(prompt.lead_ids)]),
        room_tokens=prompt.room_tokens,
        context_tokens=context,
    )
