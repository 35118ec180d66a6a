"""The piano roll: notes are seen, drawn and edited here; values in, signals out. Imported when a piece is opened."""
