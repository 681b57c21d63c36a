"""The token: made once, kept in the keyring, never usable when it is weak."""

import keyring.backend
import keyring.errors
import pytest

from agent.agentrc.errors import SecretError
from agent.errors import BadRequestError
from app.serve import KEPT_IN
from app.serve.access import Keyring, new_token, token_at, token_to_serve_with


class Held(keyring.backend.KeyringBackend):
    """A keyring in memory, behind the real `keyring` package."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(keyring, "get_keyring", lambda: held)
    monkeypatch.setattr(keyring.core, "_keyring_backend", held)
    return held


def test_it_is_made_at_the_first_start_and_is_the_same_from_then_on(held: Held) -> None:
    token = token_at(KEPT_IN, {})
    assert len(token) == 64
    assert held.kept == {("carryon", "serve"): token}
    assert token_at(KEPT_IN, {}) == token


def test_a_new_one_takes_its_place(held: Held) -> None:
    old, new = token_at(KEPT_IN, {}), new_token()
    assert old != new
    assert token_at(KEPT_IN, {}) == new


def test_one_of_the_users_own_comes_from_where_it_is(held: Held) -> None:
    held.set_password("carryon", "mine", "m" * 16)
    assert token_at("keyring:mine", {}) == "m" * 16
    assert token_at("env:MINE", {"MINE": "n" * 16}) == "n" * 16
    assert ("carryon", "serve") not in held.kept


@pytest.mark.parametrize("weak", ["short", "x" * 513, "with a blank in between", "späte-eingabe-lang"])
def test_a_weak_one_is_refused(weak: str) -> None:
    with pytest.raises(BadRequestError, match="cannot be a token") as caught:
        token_at("env:MINE", {"MINE": weak})
    assert weak not in str(caught.value)


@pytest.mark.parametrize("reference", ["a-token-itself-in-plain-sight", "env:NOT_THERE", "keyring:not-there"])
def test_a_reference_that_leads_nowhere_is_told(held: Held, reference: str) -> None:
    with pytest.raises(SecretError) as caught:
        token_at(reference, {})
    assert "in-plain-sight" not in str(caught.value)


def test_without_a_keyring_it_says_what_else_can_be_done() -> None:
    def none(*_words: str) -> None:
        raise SecretError("This system offers no keyring.")

    for ask in (lambda: token_at(KEPT_IN, {}, Keyring(none, none)), lambda: new_token(Keyring(none, none))):
        with pytest.raises(BadRequestError) as caught:
            ask()
        assert "--token-from env:" in caught.value.todo
        assert "--no-token" in caught.value.todo


def test_without_a_keyring_a_server_has_a_token_for_one_run() -> None:
    def none(*_words: str) -> None:
        raise SecretError("This system offers no keyring.")

    ring = Keyring(none, none)
    (one, kept), (other, _) = (token_to_serve_with(KEPT_IN, {}, ring) for _ in range(2))
    assert (len(one), kept) == (64, False)
    assert one != other
    assert token_to_serve_with("env:MINE", {"MINE": "n" * 16}, ring) == ("n" * 16, True)
    with pytest.raises(SecretError):
        token_to_serve_with("keyring:mine", {}, ring)  # a named one is not made up


def test_with_a_keyring_it_is_the_kept_one(held: Held) -> None:
    assert token_to_serve_with(KEPT_IN, {}) == (token_at(KEPT_IN, {}), True)


def test_a_reference_that_leads_nowhere_says_what_to_do(held: Held) -> None:
    with pytest.raises(SecretError) as caught:
        token_at("env:NOPE", {})
    assert "--token-from env:" in caught.value.todo
