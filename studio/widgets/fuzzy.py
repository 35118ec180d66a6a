"""Finding an entry by a few of its letters; no Qt."""


def score(wanted: str, text: str) -> int | None:
    """How well `wanted` names `text`, more is better; None when its letters do not occur in order.

    Letters at the start of words and letters in a row count more; white space in `wanted` counts nothing.
    """
    letters = "".join(wanted.casefold().split())
    folded = text.casefold()
    if not letters:
        return 0
    best: int | None = None
    for start in [i for i, letter in enumerate(folded) if letter == letters[0]]:
        points = _from(letters, folded, start)
        if points is not None and (best is None or points > best):
            best = points
    return best


def _from(letters: str, text: str, at: int) -> int | None:
    points, last = 0, -2
    for letter in letters:
        place = text.find(letter, at)
        if place < 0:
            return None
        if place == last + 1:
            points += 6
        elif place == 0 or not text[place - 1].isalnum():
            points += 8
        else:
            points -= min(4, place - last)
        last, at = place, place + 1
    return points - len(text) // 16
