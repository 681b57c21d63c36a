"""Signing in to a server at an address, with a real server and its real sign-in service on this machine."""

import threading
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from agent.agentrc.errors import SecretError
from agent.mcp.calling.transport import meaning
from agent.mcp.errors import (
    CallRefusedError,
    McpError,
    SecretLackingError,
    SignInFailedError,
    SignInNeededError,
)
from agent.mcp.running.wire.landing import DONE, NOT_GRANTED
from sync.transports.outcomes import NotConfiguredError
from tests.mcp_servers.guarded import RESOURCE_AT, Guarded
from tests.unit.agent.mcp.conftest import Open
from tests.unit.agent.mcp.signing import Home, added

SECONDS_MAX = 20


def test_a_first_sign_in(server: Guarded, laptop: Home) -> None:
    with pytest.raises(SignInNeededError, match="wants you to sign in"):
        added(laptop)
    assert (laptop.changed, laptop.sign_ins.state(laptop.entry)) == (["guarded"], "wanted")
    assert not any("register" in path or "well-known" in path for path in server.paths("POST") + server.paths("GET")), (
        "nothing is begun before the user says so"
    )
    laptop.sign_in()
    (shown,) = laptop.person.shown
    asked = {name: values[0] for name, values in parse_qs(urlsplit(shown.url).query).items()}
    assert shown.host == urlsplit(server.base).netloc
    assert (asked["code_challenge_method"], asked["resource"]) == ("S256", server.url)
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert added(laptop) == "3"
    assert laptop.sign_ins.state(laptop.entry) == "signed in"
    page = laptop.person.read()
    assert (page.text.strip(), page.headers["content-type"]) == (DONE, "text/plain; charset=utf-8")
    (client,) = server.service.clients.values()
    assert (client.client_name, client.token_endpoint_auth_method) == ("Carryon", "none")
    with pytest.raises(httpx.ConnectError):
        httpx.get(asked["redirect_uri"], trust_env=False)


def test_to_want_a_sign_in_is_no_failure_that_a_rest_would_mend(server: Guarded, laptop: Home) -> None:
    line = laptop.line()
    for _ in range(4):
        with pytest.raises(SignInNeededError):
            line.call("add", {"one": 1, "other": 2})
    laptop.sign_in()
    assert line.call("add", {"one": 1, "other": 2}).text == "3", "and the same line goes on"


def test_the_page_is_not_opened_by_itself(server: Guarded, laptop: Home) -> None:
    laptop.person.goes = False
    with pytest.raises(SignInFailedError, match="not finished in time"):
        laptop.sign_in(within_s=2)
    assert "/authorize" not in server.paths("GET")
    assert laptop.keyring.kept == {}


def test_a_browser_that_is_back_before_the_showing_is_over(server: Guarded, laptop: Home) -> None:
    laptop.desk.sign_in(laptop.entry, lambda doorstep: laptop.person.visit(doorstep.url), None, 10.0)
    assert [page.status_code for page in laptop.person.pages] == [200]
    assert added(laptop) == "3"


def test_a_browser_that_does_not_come_back_holds_up_no_end(server: Guarded, laptop: Home) -> None:
    done, waited = threading.Event(), list[bool]()
    with pytest.raises(SignInFailedError, match="not finished in time"):
        laptop.desk.sign_in(laptop.entry, lambda _doorstep: waited.append(done.wait(SECONDS_MAX)), None, 2.0)
    assert waited == [], "it still does"
    done.set()


def test_what_is_kept_stands_in_the_keyring_in_pieces(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    (token,) = server.service.access
    kept = "".join(laptop.keyring.kept.values())
    assert token[:900] in kept
    assert len(laptop.keyring.kept) > 2
    assert token not in repr(laptop.sign_ins.find(laptop.entry))
    laptop.sign_ins.forget("guarded")
    assert laptop.keyring.kept == {}
    with pytest.raises(SignInNeededError):
        added(laptop)


def test_a_token_that_ends_is_renewed_in_silence_and_after_a_start_too(server: Guarded, laptop: Home) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    first = laptop.sign_ins.find(laptop.entry)
    server.service.lives_s = 3_600
    assert added(laptop) == "3"
    assert (server.service.refreshed, len(laptop.person.shown)) == (1, 1)
    renewed = laptop.sign_ins.find(laptop.entry)
    assert first
    assert renewed
    assert renewed.tokens["refresh_token"] != first.tokens["refresh_token"]
    assert added(laptop.elsewhere()) == "3"
    assert server.service.refreshed == 1, "what another process renewed is used"


def test_a_token_that_the_server_takes_no_more_is_renewed_once(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    line = laptop.line()
    assert line.call("add", {"one": 1, "other": 2}).text == "3"
    server.service.access.clear()
    assert line.call("add", {"one": 2, "other": 2}).text == "4"
    assert server.service.refreshed == 1


def test_many_calls_at_once_renew_it_once(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    line = laptop.line()
    line.call("add", {"one": 1, "other": 2})
    server.service.access.clear()
    found: list[str] = []

    def call(number: int) -> None:
        found.append(line.call("add", {"one": number, "other": 0}).text)

    callers = [threading.Thread(target=call, args=(number,)) for number in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(SECONDS_MAX)
    assert (sorted(found), server.service.refreshed) == ([str(n) for n in range(6)], 1)


def test_a_refresh_that_is_refused_asks_for_a_sign_in_and_is_not_tried_again(server: Guarded, laptop: Home) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    server.service.refresh.clear()
    for _ in range(2):
        with pytest.raises(SignInNeededError):
            added(laptop)
    assert server.paths("POST").count("/token") == 2, "the sign-in and one refresh"
    assert laptop.sign_ins.state(laptop.entry) == "wanted"
    server.service.lives_s = 3_600
    laptop.sign_in()
    assert added(laptop) == "3"


def test_a_service_that_is_down_is_not_a_refusal(server: Guarded, laptop: Home) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    server.instead["/token"] = 502, {}, b""
    with pytest.raises(McpError, match="could not be renewed") as caught:
        added(laptop)
    assert not isinstance(caught.value, SignInNeededError)
    del server.instead["/token"]
    server.service.lives_s = 3_600
    assert added(laptop) == "3"
    assert server.service.refreshed == 1


def test_without_a_refresh_token_the_user_is_asked_again(server: Guarded, laptop: Home) -> None:
    server.service.lives_s, server.service.gives_refresh = 0, False
    laptop.sign_in()
    with pytest.raises(SignInNeededError):
        added(laptop)


def test_a_no_of_the_user_there(server: Guarded, laptop: Home) -> None:
    server.service.grants = False
    with pytest.raises(SignInFailedError, match="not granted"):
        laptop.sign_in()
    assert laptop.person.read().text.strip() == NOT_GRANTED
    assert laptop.keyring.kept == {}
    assert "/token" not in server.paths("POST")


def test_an_effect_that_was_offered_and_met_a_401_waits_for_the_user(server: Guarded, laptop: Home) -> None:
    """Nothing of it was done, so it is neither in doubt nor refused."""
    laptop.sign_in()
    line, offers = laptop.line(), list[int]()
    line.call("add", {"one": 1, "other": 2})
    server.service.access.clear()
    server.service.refresh.clear()
    with pytest.raises(SignInNeededError) as caught:
        line.call("publish", {"text": "a"}, key="k", before=lambda: offers.append(1))
    assert (offers, server.effects) == ([1], [])
    meant = meaning(caught.value, "guarded", "publish", offered=True, here=False)
    assert isinstance(meant, NotConfiguredError)
    assert "carryon servers sign-in guarded" in str(meant)


def test_cancel(server: Guarded, laptop: Home) -> None:
    laptop.person.goes = False
    cancel, failed = threading.Event(), list[Exception]()

    def signing() -> None:
        try:
            laptop.sign_in(cancel=cancel)
        except McpError as error:
            failed.append(error)

    thread = threading.Thread(target=signing)
    thread.start()
    assert laptop.person.asked.wait(SECONDS_MAX)
    with pytest.raises(SignInFailedError, match="goes on already"):
        laptop.sign_in()
    cancel.set()
    thread.join(SECONDS_MAX)
    assert [str(error).split(".")[0] for error in failed] == ["The sign-in at the server guarded was cancelled"]
    assert laptop.keyring.kept == {}


def test_without_a_keyring_the_user_is_told_before_going_anywhere(server: Guarded, laptop: Home) -> None:
    laptop.keyring.gone = True
    with pytest.raises(SecretLackingError, match="not there or locked"):
        added(laptop)
    with pytest.raises(SecretLackingError, match="not there or locked"):
        laptop.sign_in()
    assert laptop.person.shown == []
    laptop.keyring.gone = False
    laptop.sign_in()
    assert added(laptop) == "3"


def test_a_keyring_that_goes_away_is_said_and_not_passed_over(server: Guarded, laptop: Home) -> None:
    server.service.lives_s = 0
    laptop.sign_in()
    line = laptop.line()
    server.service.lives_s = 3_600
    before = laptop.keyring.put

    def locked(name: str, secret: str) -> None:
        raise SecretError("The keyring is locked.")

    laptop.sign_ins._pieces._put = locked
    with pytest.raises(McpError, match="cannot be kept"):
        line.call("add", {"one": 1, "other": 2})
    laptop.sign_ins._pieces._put = before


def test_without_metadata_of_the_resource_the_server_is_named_all_the_same(server: Guarded, laptop: Home) -> None:
    server.says(RESOURCE_AT, {}, 404)
    laptop.sign_in()
    asked = parse_qs(urlsplit(laptop.person.shown[0].url).query)
    assert asked["resource"] == [server.url]
    server.service.access.clear()
    assert added(laptop) == "3"
    refresh = parse_qs([one.body for one in server.seen if one.path == "/token"][-1])
    assert (refresh["grant_type"], refresh["resource"]) == (["refresh_token"], [server.url])


def test_a_401_without_a_sign_in_is_a_refusal_as_before(server: Guarded, laptop: Home) -> None:
    server.instead["/mcp"] = 401, {}, b""
    with pytest.raises(CallRefusedError, match="answered 401"):
        added(laptop)
    assert laptop.changed == []


def test_a_right_that_is_not_there_is_said_and_no_sign_in_begins(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    line = laptop.line()
    line.call("add", {"one": 1, "other": 2})
    server.instead["/mcp"] = 403, {"www-authenticate": 'Bearer error="insufficient_scope", scope="more"'}, b""
    with pytest.raises(CallRefusedError, match="has no right to this"):
        line.call("add", {"one": 1, "other": 2})
    assert (len(laptop.person.shown), server.service.refreshed) == (1, 0)


def test_a_client_that_the_settings_name(server: Guarded, lines: Open) -> None:
    laptop = Home(server.url, lines, client_id="carryon-at-work", client_secret="keyring:work")
    laptop.person.before = lambda url: known(server, url)
    laptop.sign_in()
    assert "/register" not in server.paths("POST")
    (token,) = [one for one in server.seen if one.path == "/token"]
    assert token.headers["authorization"].startswith("Basic ")
    assert added(laptop) == "3"


def test_a_client_of_the_settings_is_not_sent_to_another_service(server: Guarded, other: Guarded, lines: Open) -> None:
    laptop = Home(server.url, lines, client_id="carryon-at-work", client_secret="keyring:work")
    laptop.person.before = lambda url: known(server, url)
    laptop.sign_in()
    server.names_service(other.base)
    with pytest.raises(SignInFailedError, match="another sign-in service now"):
        laptop.sign_in()
    assert (len(laptop.person.shown), other.paths("POST"), "/authorize" in other.paths("GET")) == (1, [], False)


def known(server: Guarded, url: str) -> None:
    """As the user registered it there."""
    from agent.mcp.running.wire.oauth import named

    back = parse_qs(urlsplit(url).query)["redirect_uri"][0]
    server.service.clients["carryon-at-work"] = named("carryon-at-work", "secret behind keyring:work", back)


def test_signed_out_meanwhile_nothing_comes_back(server: Guarded, laptop: Home) -> None:
    laptop.sign_in()
    line = laptop.line()
    line.call("add", {"one": 1, "other": 2})
    laptop.elsewhere().sign_ins.forget("guarded")
    server.service.access.clear()
    with pytest.raises(SignInNeededError):
        line.call("add", {"one": 1, "other": 2})
    assert (laptop.keyring.kept, server.service.refreshed) == ({}, 0)


def test_a_sign_in_of_another_process_is_seen(server: Guarded, laptop: Home) -> None:
    line = laptop.line()
    with pytest.raises(SignInNeededError):
        line.call("add", {"one": 1, "other": 2})
    assert laptop.sign_ins.wants(laptop.entry)
    laptop.elsewhere().sign_in()
    assert not laptop.sign_ins.wants(laptop.entry)
    assert line.call("add", {"one": 1, "other": 2}).text == "3"
