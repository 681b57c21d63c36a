"""The sign-ins of a profile: kept in the keyring and nowhere else, and which servers want one. For all threads."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from agent.agentrc.errors import SecretError
from agent.agentrc.references import SIGN_IN
from agent.mcp.errors import SecretLackingError, SignInNeededError
from agent.mcp.records import ServerEntry
from agent.mcp.signing.pieces import Pieces
from agent.mcp.signing.records import SignIn, may_sign_in, read

State = Literal["", "wanted", "signed in"]


@dataclass(frozen=True, slots=True)
class _Want:
    """`at_ms`: of the sign-in that was refused, 0 for none."""

    url: str
    at_ms: int


class SignIns:
    """`get` and `put`: the keyring, which may be slow. `changed`: told of a server that wants a sign-in, or no longer
    does, on whatever thread that turns out."""

    def __init__(
        self, get: Callable[[str], str | None], put: Callable[[str, str], None],
        changed: Callable[[str], None] = lambda _name: None,
    ) -> None:  # fmt: skip
        self._pieces, self._put = Pieces(get, put), put
        self._changed = changed
        self._lock = threading.Lock()  # held for moments, never while the keyring is asked
        self._writing = threading.Lock()  # one writer of this process, who may ask the keyring meanwhile
        self._wants: dict[str, _Want] = {}
        self._known: set[str] = set()  # signed in to, as far as it was looked up
        self._versions: dict[str, int] = {}

    def find(self, entry: ServerEntry) -> SignIn | None:
        """What was signed in to at this very address. Raises SecretError."""
        return self._seen(entry)[1]

    def _seen(self, entry: ServerEntry) -> tuple[str, SignIn | None]:
        """As it stands in the keyring, which `swap` wants to know."""
        said, text = self._pieces.seen(_key(entry.name))
        return said, self._read(entry, text)

    def _read(self, entry: ServerEntry, text: str | None) -> SignIn | None:
        try:
            found = read(text) if text else None
        except (ValueError, TypeError, KeyError, RecursionError):  # not as it was written
            return None
        if found is None or found.url != entry.url:
            return None
        if found.tokens:
            with self._lock:
                self._known.add(entry.name)
        return found

    def check(self, name: str) -> None:
        """Raises SecretLackingError where nothing can be kept, before the user was sent anywhere."""
        trial = f"{_key(name)}/trial"
        try:
            self._put(trial, "1")
            self._put(trial, "")
        except SecretError as error:
            raise no_keyring(name) from error

    def keep(self, name: str, found: SignIn) -> None:
        """The user has signed in."""
        with self._writing:
            self._pieces.write(_key(name), found.written())
        with self._lock:
            self._wants.pop(name, None)
            self._known.add(name)
            self._versions[name] = self._versions.get(name, 0) + 1
        self._changed(name)

    def renew(self, entry: ServerEntry, before: SignIn, found: SignIn) -> bool:
        """What a refresh gave takes the place of what it was made of; False where that is no longer kept."""
        with self._writing:
            said, now = self._seen(entry)
            if now is None or now.at_ms != before.at_ms:
                return False
            return self._pieces.swap(_key(entry.name), said, found.written())

    def refuse(self, entry: ServerEntry, refused: SignIn) -> None:
        """Its tokens are of no use any more; which service they came from stays known."""
        if refused.tokens and self.renew(entry, refused, replace(refused, tokens={})):
            with self._lock:
                self._known.discard(entry.name)

    def forget(self, name: str) -> None:
        with self._writing:
            self._pieces.drop(_key(name))
        with self._lock:
            self._wants.pop(name, None)
            self._known.discard(name)
            self._versions[name] = self._versions.get(name, 0) + 1
        self._changed(name)

    def version(self, name: str) -> int:
        """Another one after each sign-in and sign-out of this process."""
        return self._versions.get(name, 0)

    # Who wants one

    def want(self, entry: ServerEntry, refused: SignIn | None) -> None:
        """The server refused what was sent, or that nothing was."""
        wanted = _Want(entry.url, refused.at_ms if refused else 0)
        with self._lock:
            self._wants[entry.name] = wanted
            self._known.discard(entry.name)
        self._changed(entry.name)

    def wants(self, entry: ServerEntry) -> bool:
        """Whether nothing can be asked of it before a sign-in. Another process may have signed in meanwhile."""
        wanted = self._wants.get(entry.name)
        if wanted is None or wanted.url != entry.url or not may_sign_in(entry):
            return False
        try:
            found = self.find(entry)
        except SecretError:
            return True
        if found is None or not found.tokens or found.at_ms == wanted.at_ms:
            return True
        with self._lock:
            self._wants.pop(entry.name, None)
            self._versions[entry.name] = self._versions.get(entry.name, 0) + 1
        self._changed(entry.name)
        return False

    def state(self, entry: ServerEntry) -> State:
        """As far as it is known without asking the keyring."""
        wanted = self._wants.get(entry.name)
        if wanted is not None and wanted.url == entry.url and may_sign_in(entry):
            return "wanted"
        return "signed in" if entry.name in self._known and may_sign_in(entry) else ""


def needed(name: str) -> SignInNeededError:
    return SignInNeededError(
        f"The server {name} wants you to sign in; nothing was done.", name,
        f"Sign in under Settings, Servers of tools, or: carryon servers sign-in {name}",
        sign_in=name,
    )  # fmt: skip


def no_keyring(name: str) -> SecretLackingError:
    return SecretLackingError(
        f"The keyring of this system is not there or locked, so nobody can be signed in at the server {name}.", name,
        f"Unlock it; or, if the server takes a token that you have, write it as a header: [servers.{name}.headers].",
    )  # fmt: skip


def _key(name: str) -> str:
    return f"{SIGN_IN}{name}"
