"""The background engine: job queue, worker supervision, recorder of takes; a QThread on the outside."""
