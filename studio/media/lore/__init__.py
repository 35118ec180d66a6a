"""The lorebook of a story: entries, what of them a text brings in and why, and the files of other programs."""
