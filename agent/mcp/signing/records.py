"""What a sign-in is: to which address, through which service, with what it gave. Plain data; the keyring alone holds
it, and no text that is made of it shows a token."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.mcp.records import ServerEntry

FORM = 1
AUTHORIZATION = "authorization"
Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignIn:
    """`url`: of the server, to which alone it belongs; `issuer`: who gave it; `at_ms`: tells one from the next;
    `expires_at_s`: unix seconds, None where nobody said; the rest as the protocol's library writes it."""

    url: str
    issuer: str
    at_ms: int
    expires_at_s: float | None
    tokens: Plain = field(repr=False)  # {}: they were refused since
    client: Plain = field(repr=False)
    metadata: Plain
    resource: Plain

    def written(self) -> str:
        return json.dumps({
            "form": FORM, "url": self.url, "issuer": self.issuer, "at_ms": self.at_ms,
            "expires_at_s": self.expires_at_s, "tokens": dict(self.tokens), "client": dict(self.client),
            "metadata": dict(self.metadata), "resource": dict(self.resource),
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doorstep:
    """Where the user is sent to sign in: the page, and the host of it as it is written in the address. `takes`: the
    host that the answer is handed to, "" where that is the page's own."""

    server: str
    host: str
    url: str = field(repr=False)
    takes: str = ""


def read(text: str) -> SignIn:
    """Raises ValueError, TypeError or KeyError for what is none."""
    plain = json.loads(text)
    if plain["form"] != FORM:
        raise ValueError("written by another Carryon")
    parts = [plain[name] for name in ("tokens", "client", "metadata", "resource")]
    if not all(isinstance(part, dict) for part in parts):
        raise TypeError("no sign-in")
    expires = plain["expires_at_s"]
    return SignIn(
        str(plain["url"]), str(plain["issuer"]), int(plain["at_ms"]), None if expires is None else float(expires),
        *parts,
    )  # fmt: skip


def may_sign_in(entry: ServerEntry) -> bool:
    """A program needs no sign-in, and an address that has its secret from the settings has it from there alone."""
    return bool(entry.url) and not any(name.lower() == AUTHORIZATION for name in entry.headers)
