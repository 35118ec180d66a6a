r"""What pandoc's RTF reader would lose: signs behind `\u` numbers, and characters beyond the first 65,536.

RTF writes those (emoji, rare CJK) as two halves, `\u55357?\u56832?`; pandoc reads each half for itself, as U+FFFD.
So the halves go through it as characters of the private area and are joined behind it.
"""

import re
from typing import Final

_UNDELIMITED: Final = re.compile(
    rb"(?<!\\)((?:\\\\)*\\u-?\d{1,6})(?=[^\s\\{}\d])"
)  # pandoc 3.9 eats a sign there
_NUMBER: Final = re.compile(rb"(?<!\\)((?:\\\\)*\\u)(-?\d{4,5})(?!\d)")
_JOINED: Final = re.compile(rb"\xee([\x80-\x8f][\x80-\xbf])\xee([\x90-\x9f][\x80-\xbf])")  # in UTF-8
_HALVES: Final = range(0xD800, 0xE000)
_PRIVATE: Final = 0xE000


def for_pandoc(data: bytes) -> bytes:
    """An RTF file such that pandoc reads all of its characters."""
    return _NUMBER.sub(_hidden, _UNDELIMITED.sub(rb"\1 ", data))


def joined(out: bytes) -> bytes:
    """What pandoc made of it, in UTF-8, with the halves as the characters they are."""
    return _JOINED.sub(_whole, out)


def _hidden(found: re.Match[bytes]) -> bytes:
    number = int(found[2]) % 65536
    return b"%b%d" % (found[1], number - _HALVES.start + _PRIVATE) if number in _HALVES else found[0]


def _whole(found: re.Match[bytes]) -> bytes:
    high, low = (ord((b"\xee" + half).decode()) - _PRIVATE for half in found.groups())
    return chr(0x10000 + (high << 10) + (low - 0x400)).encode()
