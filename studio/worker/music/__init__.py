"""The music maker: takes of notes by a causal model, under a grammar that cannot be left."""
