"""Measures of a piece of English prose: its words, how it repeats itself, how much of it is copied."""

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
_LETTERS = re.compile(r"[^\W_]")
_SENTENCES = re.compile(r"[.!?…][\"'”’)]*(?:\s|$)")
FUNCTION_WORDS = frozenset((
    "a", "about", "after", "again", "all", "an", "and", "any", "are", "as", "at", "away", "back", "be",
    "because", "been", "before", "but", "by", "came", "can", "could", "did", "do", "down", "each", "even",
    "ever", "every", "for", "from", "get", "go", "got", "had", "has", "have", "he", "her", "here", "him",
    "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "like", "made", "many", "me", "more",
    "most", "much", "my", "never", "no", "not", "now", "of", "off", "on", "one", "only", "or", "other",
    "our", "out", "over", "own", "said", "saw", "she", "so", "some", "still", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "those", "three", "through", "to", "too",
    "two", "under", "until", "up", "upon", "us", "very", "was", "we", "well", "went", "were", "what",
    "when", "where", "which", "while", "who", "why", "will", "with", "would", "yet", "you", "your",
))  # fmt: skip


def words_of(text: str) -> list[str]:
    """Its words in lower case, curly apostrophes made straight."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def grams(words: list[str], size: int) -> list[tuple[str, ...]]:
    """All runs of `size` words."""
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def repeated(text: str) -> float:
    """The share of its three-word runs that stood in it before, 0..1."""
    runs = grams(words_of(text), 3)
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def copied(text: str, source: str, size: int = 4) -> float:
    """The share of its `size`-word runs that stand in the source, 0..1; of shorter texts 0."""
    runs = grams(words_of(text), size)
    known = set(grams(words_of(source), size))
    return sum(run in known for run in runs) / len(runs) if runs else 0.0


def sentences(text: str) -> int:
    """How many sentences end in it."""
    return len(_SENTENCES.findall(text))


def reads_like_english(text: str) -> bool:
    """Whether it is made of words, with as many little ones among them as English prose has."""
    words = words_of(text)
    visible = [char for char in text if not char.isspace()]
    if not words or not visible:
        return False
    letters = sum(bool(_LETTERS.match(char)) for char in visible) / len(visible)
    little = sum(word in FUNCTION_WORDS for word in words) / len(words)
    return letters >= 0.8 and 0.2 <= little <= 0.8


def has(text: str, wanted: str) -> bool:
    """Whether a word (or one of "a|b") stands in it, as a whole word; capitals count for words that have them."""
    for word in wanted.split("|"):
        flags = 0 if any(char.isupper() for char in word) else re.IGNORECASE
        pattern = re.escape(word).replace("'", "['’]")
        if re.search(rf"(?<!\w){pattern}(?!\w)", text, flags):
            return True
    return False
