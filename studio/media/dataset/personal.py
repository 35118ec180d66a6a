"""What a text seems to hold of people's own: mail addresses, phone numbers, card and account numbers, secret keys.

Only told, never changed: a novel may have a phone number in it. Found by form and, where numbers carry one, by their
check digits; examples are shown with most of their signs hidden.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from msgspec import Struct

_EXAMPLE_DOMAINS: Final = ("example.com", "example.org", "example.net", "example.edu")  # RFC 2606
_SHOWN: Final = 2  # signs at either end of an example


class Found(Struct, frozen=True):
    """Something of a kind, so many times; `example` is the first one, masked."""

    one: str
    several: str
    count: int
    example: str


class _Kind(NamedTuple):
    """`signs`: without one of them in a text (in small letters) the pattern need not be tried; (): it has digits."""

    one: str
    several: str
    signs: tuple[str, ...]
    pattern: "re.Pattern[str]"
    holds: Callable[[str], bool]


def _any(_found: str) -> bool:
    return True


def _is_mail(found: str) -> bool:
    return not found.lower().endswith(_EXAMPLE_DOMAINS)


def _is_phone(found: str) -> bool:
    digits = [sign for sign in found if sign.isdigit()]
    return 8 <= len(digits) <= 15 and len(set(digits)) > 2


def _is_card(found: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1)."""
    digits = [int(sign) for sign in found if sign.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) < 3:
        return False
    doubled = [
        digit if index % 2 == 0 else sum(divmod(2 * digit, 10)) for index, digit in enumerate(digits[::-1])
    ]
    return sum(doubled) % 10 == 0


def _is_account(found: str) -> bool:
    """An IBAN's remainder is 1 (ISO 13616)."""
    signs = "".join(found.split()).upper()
    turned = signs[4:] + signs[:4]
    return 15 <= len(signs) <= 34 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


_DIGITS: Final = re.compile(r"\d[\d ().A-Z/-]{4}")  # what all kinds of numbers have somewhere
# each pattern's repetitions are bounded and begin at a word's edge: no text makes them slow
_KINDS: Final = (
    _Kind(
        "mail address",
        "mail addresses",
        ("@",),
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-zA-Z]{2,24}\b"),
        _is_mail,
    ),
    _Kind(
        "secret key",
        "secret keys",
        (
            "private key",
            "akia",
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "sk-",
            "hf_",
            "xox",
            "aiza",
            "eyj",
        ),
        re.compile(
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
            r"|\bgithub_pat_\w{22,255}\b|\bsk-[A-Za-z0-9_-]{20,200}|\bhf_[A-Za-z0-9]{30,60}\b|\bxox[abprs]-[\w-]{10,200}"
            r"|\bAIza[\w-]{35}|\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}"
        ),
        _any,
    ),
    _Kind(
        "password",
        "passwords",
        ("passw", "contraseña", "mot de passe"),
        re.compile(r"(?i)\b(?:password|passwd|passwort|contraseña|mot de passe)\s{0,3}[:=]\s{0,3}\S{4,100}"),
        _any,
    ),
    _Kind(
        "account number",
        "account numbers",
        (),
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        _is_account,
    ),
    _Kind(
        "card number",
        "card numbers",
        (),
        re.compile(r"(?<![\w-])\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?![\w-])"),
        _is_card,
    ),
    _Kind(
        "phone number",
        "phone numbers",
        (),
        re.compile(
            r"(?<![\w+.,-])(?<!\d )(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,5}"
            r"|\(\d{2,5}\)[ -]?\d{3,4}[ -]?\d{3,5}|\d{3}[-.]\d{3}[-.]\d{4}|0\d{2,4}[ /-]\d{3,5}[ -]?\d{2,5})(?![\w-])"
        ),
        _is_phone,
    ),
)


def personal_in(blocks: Iterable[str]) -> list[Found]:
    """What was found in a text, in the order of _KINDS. The text comes in blocks divided between words."""
    counts = [0] * len(_KINDS)
    examples = [""] * len(_KINDS)
    for block in blocks:
        small, numbers = block.lower(), _DIGITS.search(block) is not None
        for index, kind in enumerate(_KINDS):
            if not (any(sign in small for sign in kind.signs) if kind.signs else numbers):
                continue
            for match in kind.pattern.finditer(block):
                if kind.holds(match[0]):
                    counts[index] += 1
                    examples[index] = examples[index] or masked(match[0])
    return [
        Found(kind.one, kind.several, count, example)
        for kind, count, example in zip(_KINDS, counts, examples, strict=True)
        if count
    ]


def masked(found: str) -> str:
    """Enough to find it again in one's own file, no more."""
    found = " ".join(found.split())
    if len(found) <= 2 * _SHOWN + 1:
        return "…"
    return f"{found[:_SHOWN]}…{found[-_SHOWN:]}"


def told(found: Iterable[Found]) -> str:
    """A sentence's part: "2 mail addresses (jo…om), 1 phone number (+4…21)"."""
    return ", ".join(
        f"{each.count:,} {each.one if each.count == 1 else each.several} ({each.example})" for each in found
    )
