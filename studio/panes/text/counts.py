"""Word counts that cost no more than the words around a change."""

from studio.media.spans import Edit


def count_words(text: str) -> int:
    """How many words, split at white space."""
    return len(text.split())


def recount(words: int, after: str, edit: Edit) -> int:
    """The words of `after`, given those of the text before `edit`."""
    start, end = edit.at, edit.at + len(edit.inserted)
    while start > 0 and not after[start - 1].isspace():
        start -= 1
    while end < len(after) and not after[end].isspace():
        end += 1
    head, tail = after[start : edit.at], after[edit.at + len(edit.inserted) : end]
    return words + count_words(after[start:end]) - count_words(head + edit.removed + tail)


def share_mine(characters: int, by_models: int) -> int:
    """Per cent of the characters that the person wrote; only a text without a model character is 100."""
    if not by_models:
        return 100
    return min(99, round(100 * (characters - by_models) / characters))
