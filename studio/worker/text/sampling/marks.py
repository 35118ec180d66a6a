"""Texts of the knobs as tokens: breakers of DRY, tokens XTC spares, biased words."""

from dataclasses import dataclass

from studio.core.sampling import Sampling
from studio.worker.text.tokens import TextTokens

FORBIDDEN = -100.0  # a bias of this much forbids

Form = tuple[tuple[int, ...], float]  # tokens of a biased text, what is added to the last one's score


@dataclass(frozen=True)
class Marks:
    """What the sampler must know of a tokenizer.

    `breakers`: tokens across which DRY sees no repetition. `spared`: the line break and the end tokens; XTC
    does nothing where it would remove one. `biases`: the forms of each biased text.
    """

    breakers: frozenset[int] = frozenset()
    spared: frozenset[int] = frozenset()
    biases: tuple[Form, ...] = ()


def marks_of(sampling: Sampling, tokens: TextTokens, ends: frozenset[int]) -> Marks:
    """The marks these knobs need; nothing is looked up for a step that is off."""
    return Marks(
        breakers=_breakers(sampling.dry_breakers, tokens) if sampling.dry_multiplier else frozenset(),
        spared=_spared(tokens, ends) if sampling.xtc_probability else frozenset(),
        biases=tuple(form for text, bias in sampling.logit_bias for form in _forms(text, bias, tokens)),
    )


def _breakers(texts: tuple[str, ...], tokens: TextTokens) -> frozenset[int]:
    """Every token that contains a breaker, and the last token of a breaker of several tokens.

    The definition (oobabooga/textgen pull request 5677) takes the last token of "a" + breaker; a breaker that
    stands inside a longer token breaks as well, as llama.cpp has it.
    """
    pieces = tokens.pieces
    found = {number for number, piece in enumerate(pieces) if any(text in piece for text in texts)}
    found.update(ids[-1] for text in texts if (ids := tokens.encode("a" + text).ids))
    return frozenset(found)


def _spared(tokens: TextTokens, ends: frozenset[int]) -> frozenset[int]:
    """The line break's token and those that end a text."""
    return ends.union(tokens.encode("\n").ids[-1:])


def _forms(text: str, bias: float, tokens: TextTokens) -> list[Form]:
    """A biased text as it may stand in a text: as it is given, and after a space."""
    texts = [text] if text[:1].isspace() else [text, " " + text]
    rows = {tuple(tokens.following(form)) for form in texts}
    return [(row, bias) for row in sorted(rows) if row]
