"""Documents as a model reads them: tokens between the marks it knows."""

import numpy as np

from studio.worker.text.tokens import TextTokens
from studio.worker.tune.text_rows import Marks


def document_ids(tokens: TextTokens, text: str) -> np.ndarray:
    """A document between the mark that opens one and the mark that ends one, where the model has them."""
    front = [tokens.start] if tokens.start is not None else []
    return np.array([*front, *tokens.encode(text).ids, *end_of(tokens)], np.uint32)


def end_of(tokens: TextTokens) -> list[int]:
    """The mark that ends a document. Of several it is the first: the others end turns of a conversation."""
    return sorted(tokens.ends)[:1]


def marks_of(tokens: TextTokens) -> Marks | None:
    """The marks of a model that fills in; None of one that does not."""
    ends = end_of(tokens)
    if tokens.fill_in is None or not ends:
        return None
    prefix, suffix, middle = tokens.fill_in
    opens = (tokens.start,) if tokens.always_start and tokens.start is not None else ()
    return Marks(prefix, suffix, middle, ends[0], opens)
