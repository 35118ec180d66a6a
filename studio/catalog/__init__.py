"""Model folders on this computer: what they are and whether they can be used (no Qt, no torch)."""
