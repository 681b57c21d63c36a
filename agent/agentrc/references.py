"""Secrets by reference: `keyring:NAME` or `env:NAME`. The file holds where a secret is, never the secret.

What looks like a secret is refused wherever it stands, and never repeated in a message.
"""

import re
from collections.abc import Callable, Mapping

from agent.agentrc.errors import SecretError

KEYRING_SERVICE = "carryon"
SIGN_IN = "sign-in/"  # what signing in to a server gave; it goes to that server, and no setting may send it elsewhere

_REFERENCE = re.compile(r"(keyring|env):([A-Za-z0-9_.@/-]{1,100})")

# Shapes of well-known secrets: (what it is, pattern). Kept short and sure: a false alarm refuses a whole file.
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}")),
    ("a Slack token", re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}")),
    ("a secret key", re.compile(r"\bsk-[A-Za-z0-9_-]{20,}")),
    ("an AWS key", re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a webhook address that is a secret", re.compile(r"hooks\.slack\.com/services/\w+/\w+/\w+")),
    ("a webhook address that is a secret", re.compile(r"discord(app)?\.com/api/webhooks/\d+/\S+")),
    ("an address with a password in it", re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@")),
)


def is_reference(value: str) -> bool:
    return _REFERENCE.fullmatch(value) is not None


def literal_secret(value: str) -> str | None:
    """What kind of secret the text holds, or None."""
    return next((what for what, shape in _SHAPES if shape.search(value)), None)


def teach(name: str) -> str:
    """How to keep a secret instead of writing it down."""
    return f'write "keyring:{name}" and store the secret itself with `carryon rc secret {name}`'


def resolve_secret(reference: str, env: Mapping[str, str], keyring_get: Callable[[str], str | None]) -> str:
    """The secret behind a reference; `keyring_get(name)` is None if absent. SecretError says where to put it."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        raise SecretError("A secret is given as keyring:NAME or env:NAME, never as itself.")
    kind, name = match.groups()
    if kind == "keyring" and name.startswith(SIGN_IN):
        raise SecretError(f"keyring:{name} belongs to a sign-in and is used for nothing else. Give yours another name.")
    secret = env.get(name) if kind == "env" else keyring_get(name)
    if secret:
        return secret
    if kind == "env":
        raise SecretError(f"The environment variable {name} is not set. Set it, or use keyring:NAME.")
    raise SecretError(f"The keyring holds no secret {name!r}. Store it with `carryon rc secret {name}`.")


def keyring_get(name: str) -> str | None:
    """From the system's keyring; raises SecretError when the system has none."""
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(KEYRING_SERVICE, name)
    except keyring.errors.KeyringError as error:
        raise _no_keyring(name) from error


def keyring_set(name: str, secret: str) -> None:
    """Into the system's keyring; an empty secret takes it out."""
    import keyring
    import keyring.errors

    if not is_reference(f"keyring:{name}"):
        raise SecretError(f"{name!r} cannot name a secret: use letters, digits and . _ - only.")
    try:
        if secret:
            keyring.set_password(KEYRING_SERVICE, name, secret)
        elif keyring.get_password(KEYRING_SERVICE, name) is not None:
            keyring.delete_password(KEYRING_SERVICE, name)
    except keyring.errors.KeyringError as error:
        raise _no_keyring(name) from error


def keyring_missing() -> bool:
    """Whether this system has no keyring at all. Opens none, so nobody is asked to unlock one."""
    import keyring
    import keyring.backends.fail

    return isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring)


def _no_keyring(name: str) -> SecretError:
    variable = re.sub(r"\W", "_", name).upper()
    return SecretError(
        f"This system offers no keyring, so {name!r} cannot be kept there.",
        todo=f'Put the secret in an environment variable and write "env:{variable}" instead.',
    )
