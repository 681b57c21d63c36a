"""Renewing a sign-in: what counts as a no, and who else writes to the keyring meanwhile."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.mcp.errors import McpError, SignInNeededError
from agent.mcp.signing.records import SignIn
from tests.mcp_servers.guarded import Guarded
from tests.unit.agent.mcp.signing import Home, added

SECONDS_MAX = 20

HTML = {"content-type": "text/html"}


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "answer",
    [
        (403, HTML, b"<html>who are you"),
        (302, {"location": "/maintenance"}, b""),
        (200, HTML, b"<html>maintenance"),
        (200, JSON, b"[]"),
        (404, {}, b""),
        (401, {}, b""),
        (400, JSON, b'{"error": "invalid_request"}'),
        (400, JSON, b"[" * 100_000),
    ],
)
def test_what_is_neither_a_yes_nor_a_no_costs_no_sign_in(
    server: Guarded, laptop: Home, answer: tuple[int, dict[str, str], bytes]
) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    line = laptop.line()
    server.instead["/token"] = answer
    with pytest.raises(McpError, match="could not be renewed") as caught:
        line.call("add", {"one": 1, "other": 2})
    assert not isinstance(caught.value, SignInNeededError)
    del server.instead["/token"]
    server.service.lives_s = 3_600
    assert line.call("add", {"one": 1, "other": 2}).text == "3"


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client"])
def test_a_no_of_the_service_asks_the_user(server: Guarded, laptop: Home, error: str) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    server.says("/token", {"error": error}, 401)
    with pytest.raises(SignInNeededError):
        added(laptop)


@pytest.mark.parametrize("token", ["b\u00e4d", "x" * 17_000, ""])
def test_a_renewed_token_that_cannot_be_sent_is_said(server: Guarded, laptop: Home, token: str) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    line = laptop.line()
    server.says("/token", {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r"})
    with pytest.raises(McpError, match="a token that cannot be sent"):
        line.call("add", {"one": 1, "other": 2})
    del server.instead["/token"]
    server.service.lives_s = 3_600
    assert line.call("add", {"one": 1, "other": 2}).text == "3"


@pytest.mark.parametrize(
    ("said", "wants"),
    [
        ("Bearer", True),
        ('Basic realm="a", Bearer resource_metadata="b"', True),
        ('Negotiate,bearer error="x"', True),
        ('Basic realm="a, bearer b"', False),
        ("Bearers", False),
    ],
)
def test_which_answer_says_that_a_sign_in_would_help(said: str, wants: bool) -> None:
    from agent.mcp.running.wire.bearer import httpx2, is_challenge

    assert is_challenge(httpx2.Response(401, headers={"www-authenticate": said})) is wants


def renewed(home: Home) -> tuple[SignIn, SignIn]:
    """What is kept, and what a refresh would put there."""
    kept = home.sign_ins.find(home.entry)
    assert kept is not None
    return kept, replace(kept, at_ms=kept.at_ms + 1, tokens={**kept.tokens, "access_token": "r" * 2_000})


def at_the_first_piece(home: Home, happens: Callable[[], None]) -> None:
    """Of what `home` writes next."""
    real = home.sign_ins._pieces._put

    def put(name: str, secret: str) -> None:
        real(name, secret)
        if home.sign_ins._pieces._put is put:
            home.sign_ins._pieces._put = real
            happens()

    home.sign_ins._pieces._put = put


def test_signed_out_elsewhere_while_it_is_renewed_nothing_comes_back(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    before, after = renewed(laptop)
    at_the_first_piece(laptop, lambda: laptop.elsewhere().sign_ins.forget("guarded"))
    assert not laptop.sign_ins.renew(laptop.entry, before, after)
    assert laptop.keyring.kept == {}


def test_signed_in_elsewhere_while_it_is_renewed_the_sign_in_stays(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    before, after = renewed(laptop)
    anew = replace(after, at_ms=after.at_ms + 1)
    at_the_first_piece(laptop, lambda: laptop.elsewhere().sign_ins.keep("guarded", anew))
    assert not laptop.sign_ins.renew(laptop.entry, before, after)
    assert laptop.sign_ins.find(laptop.entry) == anew


def test_two_that_sign_in_at_once_leave_one_that_is_whole(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    before, after = renewed(laptop)
    at_the_first_piece(laptop, lambda: laptop.elsewhere().sign_ins.keep("guarded", before))
    laptop.sign_ins.keep("guarded", after)
    assert laptop.sign_ins.find(laptop.entry) == after


@pytest.mark.parametrize("what", ["keep", "forget"])
def test_one_writes_at_a_time(server: Guarded, laptop: Home, what: str) -> None:
    laptop.sign_in()
    before, after = renewed(laptop)
    anew = replace(after, at_ms=after.at_ms + 1)
    does = {"keep": lambda: laptop.sign_ins.keep("guarded", anew), "forget": lambda: laptop.sign_ins.forget("guarded")}
    user = threading.Thread(target=does[what])

    def begins() -> None:
        user.start()
        user.join(0.2)  # it would be done, were nobody in its way

    at_the_first_piece(laptop, begins)
    assert laptop.sign_ins.renew(laptop.entry, before, after), "what was begun is finished"
    user.join(SECONDS_MAX)
    assert laptop.sign_ins.find(laptop.entry) == (anew if what == "keep" else None)
