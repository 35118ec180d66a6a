"""Where the last whole sentence of a take ends."""

import re

_END = re.compile(r"""[.!?…。！？]+["'”’»)\]]*(?=\s|$)|[。！？]+["'”’»」』）]*""")
_SHORT = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|Jr|Sr|vs|etc|e\.g|i\.e|[A-Z])\.$")
_GOES_ON = re.compile(r"\s+[a-z]")


def sentence_end(text: str) -> int:
    """The place after the last whole sentence, in characters; the whole length when there is none.

    Closing quotes belong to their sentence; an abbreviation, and a spoken sentence whose line goes on in
    lower case ("Run!" said Tom), end none.
    """
    last = 0
    for hit in _END.finditer(text):
        if _SHORT.search(text[max(0, hit.start() - 6) : hit.end()]) or _GOES_ON.match(text, hit.end()):
            continue
        if text[: hit.end()].strip(" .…"):
            last = hit.end()
    return last or len(text)
