"""The note beside what was fine-tuned is believed only when it is whole and ours."""

from pathlib import Path

from studio.catalog.adapter_note import NOTE_NAME, AdapterNote, read_note, write_note


def test_note_is_read_back_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    note = AdapterNote(art="music", method="lora", name="Mine", merged=(("a", 0.5),), settings={"steps": 3})
    write_note(tmp_path, note)
    assert read_note(tmp_path) == note
    for damaged in (b"{}", b'{"art": "text", "method": "lora", "format": "other"}', b"[" * 100_000):
        (tmp_path / NOTE_NAME).write_bytes(damaged)
        assert read_note(tmp_path) is None
    assert read_note(tmp_path / "nowhere") is None
