"""Servers, services and bystanders that want more than a sign-in: tokens of others, other places, forged answers."""

import logging
import socket
import threading
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import anyio
import httpx
import httpx2
import pytest

from agent.agentrc.errors import SecretError
from agent.agentrc.references import resolve_secret
from agent.mcp.errors import (
    McpError,
    OfflineError,
    SignInFailedError,
    SignInNeededError,
)
from agent.mcp.running.wire.errands import Errands
from agent.mcp.running.wire.landing import AT_ONCE_MAX, NOT_OURS, STRANGERS_MAX, Landing
from sync.transports.outcomes import UnreachableError
from tests.mcp_servers.guarded import RESOURCE_AT, SERVICE_AT, Guarded
from tests.unit.agent.mcp.conftest import Open
from tests.unit.agent.mcp.signing import Home, added

BROWSER = ("httpx", "httpcore")  # the person's, in these tests; ours are httpx2 and httpcore2


def test_no_setting_can_send_it_elsewhere(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    for name in laptop.keyring.kept:
        with pytest.raises(SecretError, match="used for nothing else"):
            resolve_secret(f"keyring:{name}", {}, laptop.keyring.get)


def test_a_forged_answer_ends_nothing(server: Guarded, laptop: Home) -> None:
    forged: list[httpx.Response] = []

    def forge(url: str) -> None:
        back = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        state = parse_qs(urlsplit(url).query)["state"][0]
        with httpx.Client(trust_env=False) as somebody:
            forged.append(somebody.get(back, params={"code": "x", "state": "forged"}))
            forged.append(somebody.get(back, params={"code": "x"}))
            forged.append(somebody.get(f"{back}?code=x&code=y&state={state}&state=forged"))
            forged.append(somebody.get(back, params={"code": "x", "state": state}, headers={"Host": "evil.example"}))
            forged.append(somebody.get(back.replace("/callback", "/favicon.ico")))
            forged.append(somebody.post(back, params={"code": "x", "state": state}))

    laptop.person.before = forge
    laptop.sign_in()
    assert [one.status_code for one in forged] == [400, 400, 400, 400, 404, 501]
    assert {one.text.strip() for one in forged} == {NOT_OURS}
    tokens = [one.body for one in server.seen if one.path == "/token"]
    assert len(tokens) == 1
    assert "code=x" not in tokens[0]
    assert added(laptop) == "3"


def test_a_sign_in_belongs_to_one_address(server: Guarded, other: Guarded, laptop: Home, lines: Open) -> None:
    laptop.sign_in()
    moved = Home(other.url, lines, laptop.keyring)
    with pytest.raises(SignInNeededError):
        added(moved)
    sent = [one.headers.get("authorization") for one in other.seen]
    assert set(sent) == {None}


def test_a_redirect_elsewhere_does_not_carry_it(server: Guarded, other: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    server.instead["/mcp"] = 307, {"location": other.url}, b""
    with pytest.raises(McpError):
        added(laptop)
    assert other.seen == []


def test_a_server_that_changes_its_service_is_not_followed(server: Guarded, other: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    server.names_service(other.base)
    server.service.access.clear()
    server.service.refresh.clear()
    with pytest.raises(SignInNeededError):
        added(laptop)
    with pytest.raises(SignInFailedError, match="another sign-in service now"):
        laptop.sign_in()
    assert (other.paths("POST"), len(laptop.person.shown)) == ([], 1)
    laptop.sign_ins.forget("guarded")
    laptop.sign_in()
    assert len(other.service.access) == 1
    assert laptop.person.shown[-1].host == urlsplit(other.base).netloc


def test_a_refresh_goes_to_the_service_that_gave_it(server: Guarded, other: Guarded, laptop: Home) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    server.names_service(other.base)
    server.service.lives_s = 3_600
    assert added(laptop) == "3"
    assert other.seen == []


def test_a_service_that_says_it_is_another_one(server: Guarded, other: Guarded, laptop: Home) -> None:
    said = httpx.get(f"{server.base}{SERVICE_AT}", trust_env=False).json()
    server.says(SERVICE_AT, {**said, "issuer": other.base})
    with pytest.raises(SignInFailedError, match="does not fit together"):
        laptop.sign_in()
    assert laptop.person.shown == []


@pytest.mark.parametrize("says_whose", [False, True])
def test_an_answer_of_another_service_is_refused(
    server: Guarded, other: Guarded, laptop: Home, says_whose: bool
) -> None:
    said = httpx.get(f"{server.base}{SERVICE_AT}", trust_env=False).json()
    server.says(SERVICE_AT, {**said, "authorization_response_iss_parameter_supported": True})
    real = server.service.authorize

    async def authorize(client: Any, params: Any) -> str:
        return await real(client, params) + (f"&iss={quote(other.base, safe='')}" if says_whose else "")

    server.service.authorize = authorize  # type: ignore[method-assign]
    with pytest.raises(SignInFailedError, match="does not fit together"):
        laptop.sign_in()
    assert "/token" not in server.paths("POST")


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("authorization_endpoint", "http://evil.example/authorize", "not taken"),
        ("authorization_endpoint", "ftp://evil.example/authorize", "does not say where"),
        ("token_endpoint", "http://evil.example/token", "not taken"),
        ("registration_endpoint", "http://evil.example/register", "not taken"),
        ("registration_endpoint", None, "takes no programs"),
        ("code_challenge_methods_supported", ["plain"], "PKCE"),
        ("code_challenge_methods_supported", None, "PKCE"),
    ],
)
def test_pages_and_places_that_are_not_taken(
    server: Guarded, laptop: Home, part: str, value: object, words: str
) -> None:
    said = httpx.get(f"{server.base}{SERVICE_AT}", trust_env=False).json()
    server.says(SERVICE_AT, {name: one for name, one in {**said, part: value}.items() if one is not None})
    with pytest.raises(SignInFailedError, match=words):
        laptop.sign_in()
    assert laptop.keyring.kept == {}
    assert len(laptop.person.shown) == (part == "token_endpoint")


PLACES = {
    "mcp.example": ("93.184.216.34",),
    "idp.example": ("93.184.216.34",),
    "both.example": ("93.184.216.34", "10.0.0.7"),
    "rebound.example": ("127.0.0.1",),
    "127.1": ("127.0.0.1",),
    "2130706433": ("127.0.0.1",),
    "mcp.corp": ("10.0.0.5",),
    "idp.corp": ("10.0.0.7",),
}


def looked_up(name: str, _within_s: float) -> tuple[str, ...]:
    if name not in PLACES:
        raise UnreachableError(f"The name of {name} cannot be looked up.", name, "It is tried again.")
    return PLACES[name]


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def look(home: Home, url: str, *, online: bool = True) -> None:
    errands = Errands(home.entry, near=False, allows=lambda: online, look_up=looked_up)
    anyio.run(errands.check, httpx2.URL(url))


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize("inside", [
    "http://127.0.0.1/a", "https://127.0.0.1/a", "https://localhost/a", "https://10.0.0.7/a", "https://[::1]/a",
    "https://169.254.169.254/latest", "https://user@idp.example/a", "https://127.1/a", "https://2130706433/a",
    "https://rebound.example/a", "https://both.example/a", "https://idp.corp/a", "https://[::ffff:10.0.0.7]/a",
])  # fmt: skip
def test_a_far_server_does_not_lead_into_this_machine_or_its_network(lines: Open, inside: str) -> None:
    with pytest.raises(SignInFailedError, match="not taken"):
        look(Home("https://mcp.example/mcp", lines), inside)


@pytest.mark.usefixtures("no_proxy")
def test_a_far_server_leads_to_public_places_and_one_inside_to_its_neighbours(lines: Open) -> None:
    far, inside = Home("https://mcp.example/mcp", lines), Home("https://mcp.corp/mcp", lines)
    look(far, "https://idp.example/authorize")
    look(inside, "https://idp.corp/authorize")
    for never in ("https://127.1/a", "https://169.254.169.254/latest"):
        with pytest.raises(SignInFailedError, match="not taken"):
            look(inside, never)
    with pytest.raises(OfflineError):
        look(far, "https://idp.example/authorize", online=False)
    with pytest.raises(httpx2.ConnectError):
        look(far, "https://nowhere.example/authorize")


@pytest.mark.parametrize("part", ["issuer", "authorization_endpoint", "token_endpoint", "registration_endpoint"])
def test_every_place_of_a_far_server_is_looked_at(
    server: Guarded, other: Guarded, laptop: Home, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """The server is taken for one far away, so `localhost`, which is not its own name, is inside."""
    monkeypatch.setattr("agent.mcp.running.wire.sign_in.checked", lambda _entry: False)
    laptop.sign_in()
    seen, inside = len(laptop.person.shown), other.base.replace("127.0.0.1", "localhost")
    said = httpx.get(f"{server.base}{SERVICE_AT}", trust_env=False).json()
    if part == "issuer":
        server.names_service(inside)
    else:
        server.says(SERVICE_AT, {**said, part: f"{inside}/a"})
    with pytest.raises(SignInFailedError, match="not taken"):
        laptop.sign_in()
    assert other.seen == []
    assert len(laptop.person.shown) - seen == (part == "token_endpoint")


def test_who_takes_the_answer_is_named_where_it_is_another_one(server: Guarded, other: Guarded, laptop: Home) -> None:
    """A server whose service shows the page of an honest one, and would have what was allowed there."""
    laptop.sign_in()
    assert laptop.person.shown[0].takes == ""
    laptop.sign_ins.forget("guarded")
    laptop.person.goes = False
    said = httpx.get(f"{server.base}{SERVICE_AT}", trust_env=False).json()
    server.says(SERVICE_AT, {**said, "authorization_endpoint": f"{other.base}/authorize"})
    with pytest.raises(SignInFailedError, match="not finished in time"):
        laptop.sign_in(within_s=2)
    shown = laptop.person.shown[-1]
    assert (shown.host, shown.takes) == (urlsplit(other.base).netloc, urlsplit(server.base).netloc)
    assert "state=" not in repr(shown)


@pytest.mark.parametrize("end", ["#x", "?state=evil", "?a=1&state="])
def test_a_page_whose_address_cannot_be_used(server: Guarded, laptop: Home, end: str) -> None:
    said = httpx.get(f"{server.base}{SERVICE_AT}", trust_env=False).json()
    server.says(SERVICE_AT, {**said, "authorization_endpoint": said["authorization_endpoint"] + end})
    with pytest.raises(SignInFailedError, match="cannot be used"):
        laptop.sign_in()
    assert laptop.person.shown == []


@pytest.mark.parametrize("hint", ["https://[::1", "https://a:b/x"])
def test_a_hint_that_is_no_address(server: Guarded, laptop: Home, hint: str) -> None:
    server.instead["/mcp"] = 401, {"www-authenticate": f'Bearer resource_metadata="{hint}"'}, b""
    with pytest.raises(SignInFailedError, match="came to nothing"):
        laptop.sign_in()


def test_a_hint_that_leads_away_from_the_server_is_not_followed(server: Guarded, other: Guarded, laptop: Home) -> None:
    hint = f'Bearer resource_metadata="{other.base}{RESOURCE_AT}"'
    server.instead["/mcp"] = 401, {"www-authenticate": hint}, b""
    laptop.sign_in()
    assert other.seen == []


def test_a_server_that_does_not_say_where(server: Guarded, laptop: Home) -> None:
    server.says(RESOURCE_AT, {}, 404)
    server.says(SERVICE_AT, {}, 404)
    with pytest.raises(SignInFailedError, match="does not say where"):
        laptop.sign_in()
    assert "/register" not in server.paths("POST")


def test_an_answer_without_end_is_cut(server: Guarded, laptop: Home) -> None:
    server.instead[SERVICE_AT] = 200, {"content-type": "application/json"}, b" " * 1_000_000
    with pytest.raises(SignInFailedError, match="broke off"):
        laptop.sign_in()


def test_a_token_that_would_be_a_header_of_its_own(server: Guarded, laptop: Home) -> None:
    server.says("/token", {"access_token": "a\r\nX-Evil: 1", "token_type": "Bearer"})
    with pytest.raises(SignInFailedError, match="something else"):
        laptop.sign_in()
    assert laptop.keyring.kept == {}


def test_no_log_and_no_word_shows_a_token(
    server: Guarded, laptop: Home, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    laptop.sign_in()
    server.service.access.clear()
    added(laptop)
    server.says("/token", {"error": "invalid_grant", "error_description": "refresh-x"}, 400)
    server.service.access.clear()
    with pytest.raises(McpError) as caught:
        added(laptop)
    ours = [one.getMessage() + str(one.exc_info) for one in caplog.records if one.name.partition(".")[0] not in BROWSER]
    said = "".join(ours) + "".join(capfd.readouterr()) + repr(caught.value) + str(caught.value)
    for kind in ("access-", "refresh-", "code="):
        assert kind not in said


def test_the_port_takes_one_answer_and_strangers_do_not_keep_it_out() -> None:
    with Landing() as landing:
        host, target = landing.uri.removeprefix("http://").split("/")

        def status(state: str, path: str = target) -> int:
            return landing.took(host, f"/{path}?code=a&state={state}")[0]

        assert landing.took(host, f"/{target}?code=a&state=") == (400, NOT_OURS, {}), "nothing is expected yet"
        landing.expect("s")
        found = [status("forged") for _ in range(STRANGERS_MAX)]
        assert (set(found[:-1]), found[-1], status("x", "favicon.ico")) == ({400}, 410, 410)
        assert [status("s"), status("s")] == [200, 410]


def test_who_keeps_the_port_busy_makes_room_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent.mcp.running.wire.landing.REQUEST_S", 60.0)  # nobody is hung up on for silence
    before = set(threading.enumerate())
    with Landing() as landing:
        landing.expect("s")
        host, port = urlsplit(landing.uri).netloc.split(":")
        strangers = [socket.create_connection((host, int(port))) for _ in range(3 * AT_ONCE_MAX)]
        for one in strangers:
            one.sendall(b"GET /callback")
        for one in strangers[:AT_ONCE_MAX]:
            one.settimeout(5)
            assert one.recv(100) == b"", "made room"
        page = httpx.get(landing.uri, params={"code": "a", "state": "s"}, trust_env=False)
        assert page.status_code == 200
        assert anyio.run(landing.answer).code == "a"
    for one in strangers:
        one.settimeout(2)
        assert one.recv(100) == b"", "hung up, without waiting for what it would say"
        one.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(2)
        assert not thread.is_alive()
