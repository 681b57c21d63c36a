"""The token that programs must show: made once, kept where all secrets are, never in a file. Where there is no such
place (a container), one is made for a single run, shown once, and kept nowhere.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.agentrc.errors import SecretError
from agent.agentrc.references import keyring_get, keyring_set, resolve_secret
from agent.errors import BadRequestError
from app.serve import KEPT_AS, KEPT_IN

ELSEWHERE = (
    "Set an environment variable to a token of your own and start with `--token-from env:ITS_NAME`, "
    "or start with `--no-token`."
)
FOR_THIS_RUN = (
    "This system offers no keyring, or it is locked, so the token is for this run only and is kept nowhere. It is "
    "shown this once; whoever reads this line can come in. For one that stays, start with `--token-from env:ITS_NAME`."
)
_BYTES = 32
_USABLE = re.compile(r"[!-~]{16,512}")


@dataclass(frozen=True, slots=True)
class Keyring:
    """Where Carryon's own token is; tests give another."""

    get: Callable[[str], str | None] = keyring_get
    put: Callable[[str, str], None] = keyring_set


class NoKeyringError(BadRequestError):
    """This system offers no keyring in which the token could be kept."""


def token_to_serve_with(reference: str, env: Mapping[str, str], ring: Keyring | None = None) -> tuple[str, bool]:
    """As `token_at`, and whether it is kept: without a keyring, Carryon's own is for this run only."""
    try:
        return token_at(reference, env, ring), True
    except NoKeyringError:
        return secrets.token_hex(_BYTES), False


def token_at(reference: str, env: Mapping[str, str], ring: Keyring | None = None) -> str:
    """The token behind a reference; Carryon's own one is made when there is none yet."""
    ring = ring or Keyring()
    token = (_own(ring) or new_token(ring)) if reference == KEPT_IN else _elsewhere(reference, env, ring)
    if not _USABLE.fullmatch(token):
        raise BadRequestError(
            "This cannot be a token: it needs 16 to 512 letters, digits and signs, no blanks.", reference, ELSEWHERE
        )
    return token


def new_token(ring: Keyring | None = None) -> str:
    """From now on the only one that counts, once the server is started again."""
    token = secrets.token_hex(_BYTES)
    try:
        (ring or Keyring()).put(KEPT_AS, token)
    except SecretError as error:
        raise _no_keyring() from error
    return token


def _elsewhere(reference: str, env: Mapping[str, str], ring: Keyring) -> str:
    try:
        return resolve_secret(reference, env, ring.get)
    except SecretError as error:
        error.todo = error.todo or ELSEWHERE
        raise


def _own(ring: Keyring) -> str | None:
    try:
        return ring.get(KEPT_AS)
    except SecretError as error:
        raise _no_keyring() from error


def _no_keyring() -> NoKeyringError:
    return NoKeyringError(todo=ELSEWHERE)
