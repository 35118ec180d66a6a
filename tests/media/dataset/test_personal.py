"""What of people's own is seen in a text, what is not, and that an example does not give it away."""

import re
import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from studio.media.dataset.personal import masked, personal_in, told


def kinds(text: str) -> dict[str, int]:
    return {each.one: each.count for each in personal_in([text])}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to anna.k+list@mail.co.uk, please", "mail address"),
        ("call +49 30 1234567 today", "phone number"),
        ("call (020) 7946 0018", "phone number"),
        ("call 415-555-2671.", "phone number"),
        ("Tel. 030 1234567", "phone number"),
        ("card 4012 8888 8888 1881", "card number"),
        ("card 4012888888881881", "card number"),
        ("IBAN DE89 3704 0044 0532 0130 00", "account number"),
        ("key AKIAIOSFODNN7EXAMPLE here", "secret key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "secret key"),
        ("token ghp_" + "a1B2" * 9, "secret key"),
        ("Password: hunter22", "password"),
    ],
)
def test_is_seen(text: str, kind: str) -> None:
    assert kinds(text) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "In 1914-1918 and on 12-05-1999 at 10:30, page 123-456.",
        "mail me at someone@example.com",
        "ISBN 978-3-16-148410-0",
        "card 4012 8888 8888 1882",
        "IBAN DE88 3704 0044 0532 0130 00",
        "3.14159265358979 and 1,000,000,000 and 192.168.100.200",
        "She said the password was lost.",
        "000-000-0000",
        "a@b and @name and #1",
    ],
)
def test_is_not_seen(text: str) -> None:
    assert kinds(text) == {}


def test_counts_and_hides() -> None:
    found = personal_in(["anna@mail.org and berta@mail.org ", "and cesar@mail.org, 415-555-2671"])
    assert told(found) == "3 mail addresses (an…rg), 1 phone number (41…71)"
    assert masked("short") == "…"


@given(st.text(alphabet="a1 @.-+()/sk_eyJ:", max_size=200))
def test_examples_never_show_more_than_their_ends(text: str) -> None:
    for found in personal_in([text]):
        assert re.fullmatch("…|..…..", found.example)


@pytest.mark.parametrize("unit", ["a.", "1-", "+1 ", "1234 ", "eyJ", "a@", "(1", "sk-", "A1"])
def test_no_text_makes_it_slow(unit: str) -> None:
    began_s = time.perf_counter()
    personal_in([unit * 30_000])
    assert time.perf_counter() - began_s < 3
