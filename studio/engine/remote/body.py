"""A job as the JSON body of an OpenAI-compatible request."""

from typing import Any, Final

from studio.core.endpoint import Endpoint
from studio.core.jobs import TextJob
from studio.core.sampling import Sampling
from studio.engine.remote.texts import Asked

OTHERS: Final = 10  # alternatives asked for at each token
_MOST_STOPS: Final = 4  # that many OpenAI's own servers take


def body(job: TextJob, endpoint: Endpoint, words: Asked, seed: int, *, plain: bool) -> dict[str, Any]:
    """What is posted for one take; `plain` leaves out what only some servers know."""
    said: dict[str, Any] = {
        "model": endpoint.model,
        "max_tokens": job.tokens,
        "stream": True,
        "temperature": job.sampling.temperature,
        "top_p": job.sampling.top_p,
        "presence_penalty": job.sampling.presence_penalty,
        "frequency_penalty": job.sampling.frequency_penalty,
        "seed": seed % 2**31,
    }
    if words.stops:
        said["stop"] = list(words.stops[:_MOST_STOPS])
    if endpoint.api == "chat":
        said["messages"] = [
            {"role": "system", "content": words.system},
            {"role": "user", "content": words.user},
        ]
    else:
        said["prompt"] = words.prompt
    if plain:
        return said
    if endpoint.api == "chat":
        said |= {"logprobs": True, "top_logprobs": OTHERS}
    else:
        said["logprobs"] = OTHERS
    return said | (_extended(job.sampling) if endpoint.extended else {})


def _extended(sampling: Sampling) -> dict[str, Any]:
    """Samplers by the names llama.cpp, Ollama, vLLM and LM Studio give them; only those that are on."""
    found: dict[str, Any] = {}
    for name, value, off in (
        ("top_k", sampling.top_k, 0),
        ("min_p", sampling.min_p, 0.0),
        ("typical_p", sampling.typical_p, 1.0),
        ("repeat_penalty", sampling.repetition_penalty, 1.0),
        ("repetition_penalty", sampling.repetition_penalty, 1.0),
        ("top_n_sigma", sampling.top_n_sigma, 0.0),
        ("xtc_probability", sampling.xtc_probability, 0.0),
        ("dry_multiplier", sampling.dry_multiplier, 0.0),
        ("mirostat", sampling.mirostat, 0),
    ):
        if value != off:
            found[name] = value
    if "repeat_penalty" in found:
        found["repeat_last_n"] = sampling.penalty_tokens
    if "xtc_probability" in found:
        found["xtc_threshold"] = sampling.xtc_threshold
    if "dry_multiplier" in found:
        found |= {"dry_base": sampling.dry_base, "dry_allowed_length": sampling.dry_allowed_length}
    if "mirostat" in found:
        found |= {"mirostat_tau": sampling.mirostat_tau, "mirostat_eta": sampling.mirostat_eta}
    if sampling.dynamic_range:
        found |= {"dynatemp_range": sampling.dynamic_range, "dynatemp_exponent": sampling.dynamic_exponent}
    return found
