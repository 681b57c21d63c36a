"""Addresses that are ones, and text that stays in its header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.addresses import checked_address, checked_header, checked_recipients
from sync.errors import InvalidAddressError, InvalidIntentError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("dana@example.org", "dana@example.org"),
        (" dana@example.org ", "dana@example.org"),
        ("d.o'neil+tag@mail.example.co.uk", "d.o'neil+tag@mail.example.co.uk"),
        ("me@localhost", "me@localhost"),
        ("me@[127.0.0.1]", "me@[127.0.0.1]"),
        ("me@[IPv6:::1]", "me@[IPv6:::1]"),
        ("dana@müller.example", "dana@xn--mller-kva.example"),
        ("jörg@example.org", "jörg@example.org"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert checked_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "dana", "@example.org", "dana@", "dana@example", "dana@@example.org", "a b@example.org", ".a@example.org",
        "a..b@example.org", "a.@example.org", "dana@-example.org", "dana@exa_mple.org", "dana@example..org",
        "dana@example.org.", "dana@1.2.3.4", "dana@[1.2.3]", "Dana <dana@example.org>", "a@b.org,c@d.org",
        '"a b"@example.org', "x" * 65 + "@example.org", "a@" + ".".join(["x" * 60] * 5), "dana@example.org\n",
        "dana@example.org\r\nBcc: x@y.org", "dana@exam\u2028ple.org", "dana@\x00example.org",
        "dana@☃☃" + "x" * 70 + ".org",
    ],
)  # fmt: skip
def test_what_is_not_an_address_says_what_is_wrong(text: str) -> None:
    with pytest.raises(InvalidAddressError) as caught:
        checked_address(text)
    assert caught.value.what
    assert "dana@example.org" in caught.value.todo
    assert caught.value.exit_code == 2


def test_recipients() -> None:
    assert checked_recipients("a@b.org, c@d.org,a@b.org") == ("a@b.org", "c@d.org")
    assert checked_recipients(["a@b.org"]) == ("a@b.org",)
    for wrong in ([], [f"u{n}@b.org" for n in range(51)]):
        with pytest.raises(InvalidAddressError, match="1 to 50"):
            checked_recipients(wrong)


def test_headers() -> None:
    assert checked_header("Grüße 🎉", "subject") == "Grüße 🎉"
    with pytest.raises(InvalidIntentError, match="longer than"):
        checked_header("x" * 901, "subject")


@given(st.text(max_size=300))
def test_no_text_passes_with_a_line_break_or_a_second_address(text: str) -> None:
    try:
        address = checked_address(text)
    except InvalidAddressError:
        return
    assert address.count("@") == 1
    assert not set(address) & set('\r\n\0 ,;<>"')
    assert checked_address(address) == address


@given(st.text(max_size=300))
def test_a_header_is_one_line(text: str) -> None:
    try:
        assert len(checked_header(text, "subject").splitlines()) <= 1
    except InvalidIntentError:
        return
