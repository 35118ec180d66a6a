"""Manuscripts out, and into the project."""
