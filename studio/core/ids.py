"""Identifiers that sort by the time they were made."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case


def new_id() -> str:
    """26 characters: 48 bits of Unix milliseconds, then 80 random bits (the ULID layout)."""
    value = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def now_ms() -> int:
    """Wall-clock time, Unix milliseconds."""
    return time.time_ns() // 1_000_000
