"""Causal language models in memory, whatever their tokens stand for: loaded, read into, stepped."""
