"""What text, images and scores are; no Qt, no torch."""
