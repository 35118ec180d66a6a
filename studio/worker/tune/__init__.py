"""Fine-tuning: methods, trainers, runs (torch only here)."""
