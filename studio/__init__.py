"""Atelier: a desktop studio for making things together with local generative models."""

__version__ = "0.1.0"
