"""The seeds of a job's takes: the same wherever they are made."""

import hashlib


def take_seeds(seed: int, takes: int) -> tuple[int, ...]:
    """One seed a take, 63 bits each: SHA-256 of the job's seed and the take's number."""
    return tuple(hashed(f"{seed}:{index}") for index in range(takes))


def hashed(text: str) -> int:
    """63 bits of a text's SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
