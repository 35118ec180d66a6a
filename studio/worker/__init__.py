"""The worker process: torch, the loaded models, and the makers of takes (no Qt, no network)."""
