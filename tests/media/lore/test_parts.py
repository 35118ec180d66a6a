"""A story's notes as what a job carries."""

from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings, StoryNotes
from studio.media.lore.parts import left_out, parts_for
from studio.media.lore.scan import scan


def test_parts_come_in_reading_order_with_their_reasons() -> None:
    book = LoreBook(
        entries=(
            LoreEntry(id="f", title="Fox", text=" About foxes. ", keys=("fox",), limit_tokens=7, order=5),
            LoreEntry(id="w", title="World", text="An island.", always_on=True),
            LoreEntry(id="o", title="Owl", text="An owl.", keys=("owl",)),
        ),
        settings=LoreSettings(depth=2),
    )
    notes = StoryNotes(memory="Mem.", note="Note.", note_depth=1, summary="Sum.", book=book)
    hits = scan(book, "A fox came.")
    parts = parts_for(notes, hits)
    assert [(part.kind, part.id, part.text, part.depth) for part in parts] == [
        ("memory", "", "Mem.", -1),
        ("summary", "", "Sum.", -1),
        ("lore", "w", "An island.", -1),
        ("lore", "f", "About foxes.", 2),
        ("note", "", "Note.", 1),
    ]
    assert parts[3].why == "key “fox” matched in the last paragraph"
    assert parts[3].limit_tokens == 7 and parts[3].order == 5
    out = left_out(hits)
    assert [(part.id, part.title, part.state) for part in out] == [("o", "Owl", "out")]
    assert "none of its keys (owl)" in out[0].why


def test_empty_notes_carry_nothing() -> None:
    assert parts_for(StoryNotes(memory="  \n"), ()) == ()
