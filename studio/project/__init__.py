"""The document: a folder with a database, its assets and a lock (no Qt, no torch)."""
