"""Text makers: a model's weights, its tokenizer, the sampler, and the loop that turns a job into takes."""
