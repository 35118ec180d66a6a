"""How the next token of every take is drawn: the steps of `core.sampling.Sampling`, batched over the takes.

Shapes: N rows (takes), V vocabulary, H tokens of history, K candidates. A step takes scores float32 (N, V), -inf
for what is out already, and gives scores back; it never leaves a row without a token that it was given.
"""

from studio.worker.text.sampling.marks import Marks, marks_of
from studio.worker.text.sampling.sampler import Sampler

__all__ = ["Marks", "Sampler", "marks_of"]
