"""A person's folder as training data: what is in it, what is wrong with it, which side each document falls on."""
