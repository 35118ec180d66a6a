"""What a piece of music is: its score, its files, its tokens, how it sounds (no Qt, no torch)."""
