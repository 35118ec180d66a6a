"""Dialogs: values in, signals and results out."""
