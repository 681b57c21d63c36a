"""Servers, services and bystanders that want more than a sign-in: tokens of others, other places, forged answers."""

import logging
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from agent.agentrc.errors import SecretError
from agent.agentrc.references import resolve_secret
from agent.mcp.errors import (
    McpError,
    OfflineError,
    SignInFailedError,
    SignInNeededError,
)
from agent.mcp.running.wire.landing import NOT_OURS, REQUESTS_MAX, Landing
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


def test_an_answer_of_another_service_is_refused(server: Guarded, other: Guarded, laptop: Home) -> None:
    said = httpx.get(f"{server.base}{SERVICE_AT}", trust_env=False).json()
    server.says(SERVICE_AT, {**said, "authorization_response_iss_parameter_supported": True})
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


def test_a_far_server_does_not_lead_into_this_machine(server: Guarded, lines: Open) -> None:
    from agent.mcp.running.wire.errands import Errands, httpx2

    far = Home("https://mcp.example/mcp", lines)
    errands = Errands(far.entry, near=False, allows=lambda: True)
    for inside in ("http://127.0.0.1/a", "https://127.0.0.1/a", "https://localhost/a", "https://10.0.0.7/a",
                   "https://[::1]/a", "https://169.254.169.254/latest", "https://user@idp.example/a"):  # fmt: skip
        with pytest.raises(SignInFailedError):
            errands.check(httpx2.URL(inside))
    errands.check(httpx2.URL("https://idp.example/authorize"))
    with pytest.raises(OfflineError):
        Errands(far.entry, near=False, allows=lambda: False).check(httpx2.URL("https://idp.example/authorize"))


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


def test_the_port_takes_one_answer_and_does_not_listen_for_ever() -> None:
    for answers in (["s", "s"], ["forged"] * REQUESTS_MAX + ["s"]):
        with Landing() as landing:
            host, target = landing.uri.removeprefix("http://").split("/")
            assert landing.took(host, f"/{target}?code=a&state=") == (400, NOT_OURS, {}), "nothing is expected yet"
            landing.expect("s")
            found = [landing.took(host, f"/{target}?code=a&state={state}")[0] for state in answers]
        assert found[-1] == 410
        assert (200 in found) == ("forged" not in answers)
