"""What came of a fine-tuning, in figures and words: intervals, copied runs, a diagnosis, a model card."""
