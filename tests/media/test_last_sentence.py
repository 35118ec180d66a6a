"""Where a take's last whole sentence ends."""

import pytest

from studio.media.pieces import last_sentence_end as sentence_end


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" The fox ran. The owl", " The fox ran."),
        (" The fox ran. The owl sat.", " The fox ran. The owl sat."),
        (' "Run!" said Tom. "I am', ' "Run!" said Tom.'),
        (' "Run!" said Tom and', ' "Run!" said Tom and'),
        (" He said, “Go home.” Then he", " He said, “Go home.”"),
        (" It was Mr. Fox", " It was Mr. Fox"),
        (" She waited… and waited. Mr. Fox", " She waited… and waited."),
        (" 狐狸在唱歌。猫头鹰", " 狐狸在唱歌。"),
        (" no end at all", " no end at all"),
        ("... and then", "... and then"),
        ("", ""),
    ],
)
def test_an_unfinished_last_sentence_is_left_out(text: str, kept: str) -> None:
    assert text[: sentence_end(text)] == kept
