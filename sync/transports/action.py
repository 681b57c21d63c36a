"""One HTTP request that the user declared as a tool. What is sent stands in the item, filled in when it was decided;
secrets are added here and stand in no item.

payload: method, url, headers, json or body, find, key_token: a text in them that stands for the item's key. Secrets go
only where the declaration of today points: an item whose address it no longer covers is refused.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sync.item import Item
from sync.rows import Clock
from sync.transports.http import JSON, Answer, door, json_bytes, travels_open
from sync.transports.outcomes import NotConfiguredError, RejectedError, UncertainError
from sync.transports.port import Limits, Mode, Offer, Receipt

KEY_KEPT_S = 86_400.0
BODY_BYTES_MAX = 1_000_000
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
TEXT = {"Content-Type": "text/plain; charset=utf-8"}
GONE = (404, 410)
REFERENCES = ("id", "number", "iid", "reference", "name")
ADDRESSES = ("html_url", "web_url", "url")


@dataclass(frozen=True, slots=True)
class Declared:
    """Of the action as the settings have it now. `url`: its template; `secrets`: headers, resolved; `key_header`: under
    which the receiver recognises a repeat, in mode "key"."""

    name: str
    url: str
    mode: Mode = "none"
    key_header: str = "Idempotency-Key"
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class HttpAction:
    def __init__(self, declared: Declared, *, limits: Limits | None = None, clock: Clock = time.time) -> None:
        where = f"~/.agentrc, actions.{declared.name}"
        if travels_open(declared.url, "".join(declared.secrets.values())):
            raise NotConfiguredError("Its secret would travel in the open.", where, "Write url with https://.")
        self.name = declared.name
        self.mode: Mode = declared.mode
        self.key_kept_s = KEY_KEPT_S
        self._declared = declared
        origin = "{0.scheme}://{0.netloc}/".format(urlsplit(declared.url))
        self._door = door(declared.name, origin, declared.secrets, clock, limits, knows_keys=declared.mode == "key")
        self.loopback = self._door.loopback

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        method, url = str(item.payload.get("method", "")), self._own(_keyed(item, "url"))
        content, kind = self._content(item)
        headers = {**kind, **_headers(item), self._declared.key_header: item.idempotency_key}
        if method not in METHODS:
            raise RejectedError(f"There is no method {method!r}.", self.name, "Mend the action in your settings.")
        answer = self._door.send(method, url, content, headers, offer)
        return self._receipt(answer)

    def find(self, item: Item) -> Receipt | None:
        """There where the answer of the address that is asked holds the key."""
        answer = self._door.get(self._own(_keyed(item, "find")), fine=GONE)
        if answer.status in GONE:
            return None
        if item.idempotency_key.encode() in answer.body:
            return Receipt(f"{self._door.host} has it already.", item.idempotency_key)
        if len(answer.body) > self._door.limits.answer_bytes_max or _goes_on(answer):
            what = f"The answer of {self._door.host} is too long to be sure, or only a part."
            raise UncertainError(what, self.name, "Look there.", answered=True)
        return None

    def _own(self, url: str) -> str:
        """An address that the declaration still covers."""
        meant, given = urlsplit(self._declared.url), urlsplit(url)
        if (meant.scheme, meant.netloc) != (given.scheme, given.netloc):
            raise RejectedError(
                f"The action {self.name} leads to {meant.netloc} now; this was meant for {given.netloc or 'nowhere'}.",
                f"~/.agentrc, actions.{self.name}", "Cancel it, and ask again.",
            )  # fmt: skip
        return url

    def _content(self, item: Item) -> tuple[bytes | None, Mapping[str, str]]:
        if "json" in item.payload:
            content, kind = json_bytes(_keyed(item, "json")), JSON
        elif "body" in item.payload:
            content, kind = str(_keyed(item, "body")).encode(), TEXT
        else:
            return None, {}
        if len(content) > BODY_BYTES_MAX:
            raise RejectedError(f"It is {len(content) / 1e6:.1f} MB.", self.name, "At most 1 MB can be sent so.")
        return content, kind

    def _receipt(self, answer: Answer) -> Receipt:
        facts = answer.json()
        facts = facts if isinstance(facts, dict) else {}
        reference = next((str(facts[name]) for name in REFERENCES if _names(facts.get(name))), "")
        url = next((facts[name] for name in ADDRESSES if _is_web(facts.get(name))), answer.headers.get("Location", ""))
        said = f": {answer.said()}" if answer.said() and not reference else ""
        return Receipt(f"{self._door.host} accepted it ({answer.status}){said}", reference or str(answer.status), url)


def _goes_on(answer: Answer) -> bool:
    """It names a next page (RFC 8288), so what is not on this one may still be there."""
    return bool(re.search(r';\s*rel="?[^";,]*\bnext\b', answer.headers.get("Link", ""), re.IGNORECASE))


def _names(value: Any) -> bool:
    """Whether it can be what something is called there: neither empty nor a group of values."""
    return bool(value) and isinstance(value, str | int) and not isinstance(value, bool)


def _is_web(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _headers(item: Item) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(_keyed(item, "headers") or {}).items()}


def _keyed(item: Item, part: str) -> Any:
    """That part of the payload with the item's key in its places."""
    return _with_key(item.payload.get(part), str(item.payload.get("key_token") or ""), item.idempotency_key)


def _with_key(value: Any, token: str, key: str) -> Any:
    if not token:
        return value
    if isinstance(value, str):
        return value.replace(token, key)
    if isinstance(value, list):
        return [_with_key(one, token, key) for one in value]
    if isinstance(value, dict):
        return {name: _with_key(one, token, key) for name, one in value.items()}
    return value
