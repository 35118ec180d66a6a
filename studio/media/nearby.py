"""The part of a long text that a model can use: what stands near the caret."""

STEP_SHARE = 4  # a text is cut in steps of a quarter of what is kept, so that its beginning seldom moves


def before_caret(text: str, limit_chars: int) -> str:
    """The end of `text`, at most `limit_chars` long.

    The cut stays in place while the text grows by less than a step: what a model has read so far can be kept.
    """
    over = len(text) - limit_chars
    if over <= 0:
        return text
    step = max(1, limit_chars // STEP_SHARE)
    return text[-(-over // step) * step :]


def after_caret(text: str, limit_chars: int) -> str:
    """The beginning of `text`, a quarter of `limit_chars` at most."""
    return text[: max(1, limit_chars // STEP_SHARE)]
