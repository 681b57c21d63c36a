"""One HTTP request with an effect, and what its answer means. Under webhook.py and tracker.py.

The offer is made when the connection stands and the request's first byte is about to go; what fails before is surely
not sent, what fails after is uncertain. Redirects are not followed: they would carry the text, and perhaps the secret,
to a place that the user did not name. URLs may be secrets (incoming webhooks are), so only hosts appear in messages.
"""

import contextlib
import functools
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sync.rows import Clock
from sync.transports.deadline import Deadline
from sync.transports.outcomes import (
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.places import is_loopback
from sync.transports.port import Limits, Offer
from sync.transports.retry_after import retry_after_s

if TYPE_CHECKING:
    import httpx

# The server says that it did not do it (RFC 9110: 500 "prevented it from fulfilling the request"; 408, 425, 429, 503
# put it off). 502 and 504 speak for somebody behind it who may have done it.
LATER = frozenset({408, 423, 425, 429, 500, 503})
DOUBTFUL = frozenset({502, 504})
SIGN_IN_TO_NETWORK = 511
SAID_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def said(self) -> str:
        """The beginning of the answer, on one line."""
        return " ".join(self.body[:4_000].decode("utf-8", "replace").split())[:SAID_CHARACTERS_MAX]

    def json(self) -> Any:
        """The body as JSON, None where it is none."""
        import json

        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Door:
    """Where requests go. `url` was checked by `door`; `headers` are sent with every request."""

    url: str
    headers: Mapping[str, str]
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    knows_keys: bool = False  # then 409 says that the first try is still being worked on

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def loopback(self) -> bool:
        return is_loopback(urlsplit(self.url).hostname or "")

    def post(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], offer: Offer) -> Answer:
        """Cause the effect. Returns a 2xx answer or raises what the other answer, or its absence, means."""
        answer = self._exchange("POST", url, body, headers, offer)
        return self._judged(answer)

    def get(self, url: str) -> Answer:
        """Ask, without effect. What fails here is surely not sent."""
        answer = self._exchange("GET", url, None, {}, None)
        if answer.status // 100 != 2:
            raise RetryableError(f"{self.host} could not say whether it arrived ({answer.status}).", self.host)
        return answer

    def _exchange(
        self, method: str, url: str, body: Mapping[str, Any] | None, headers: Mapping[str, str], offer: Offer | None
    ) -> Answer:
        import httpx

        steps = _Steps(offer)
        limits = self.limits
        with Deadline(limits.total_s) as deadline:
            steps.deadline = deadline
            try:
                with (
                    httpx.Client(
                        timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
                        follow_redirects=False, trust_env=not self.loopback, verify=_trust(self.url),
                    ) as client,
                    client.stream(
                        method, url, json=body, headers={**self.headers, **headers}, extensions={"trace": steps.note}
                    ) as response,
                ):  # fmt: skip
                    return Answer(response.status_code, response.headers, self._read(response))
            except (httpx.InvalidURL, UnicodeError) as error:
                raise NotConfiguredError(
                    f"The address of {self.host} is not one: {error}.", self.host, "Correct it in your settings."
                ) from error
            except httpx.HTTPError as error:
                raise self._failure(error, steps, late=deadline.passed) from error

    def _read(self, response: "httpx.Response") -> bytes:
        """At most the bound. The status has come and is the answer, so a body that breaks off changes nothing."""
        import httpx

        body = b""
        with contextlib.suppress(httpx.HTTPError):
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > self.limits.answer_bytes_max:
                    break
        return body

    def _failure(self, error: Exception, steps: "_Steps", *, late: bool) -> DeliveryError:
        why = "it took too long" if late or "Timeout" in type(error).__name__ else _plain(error).rstrip(".")
        if not steps.offered:
            return UnreachableError(f"{self.host} could not be reached: {why}.", self.host, "It is tried again.")
        return UncertainError(
            f"The connection to {self.host} broke before its answer came: {why}.", self.host,
            "Look there whether it arrived.",
        )  # fmt: skip

    def _judged(self, answer: Answer) -> Answer:
        status, said = answer.status, answer.said()
        told = f"{self.host} answered {status}" + (f": {said}" if said else ".")
        if status // 100 == 2:
            return answer
        if status // 100 == 3:
            raise self._redirected(answer)
        if status == SIGN_IN_TO_NETWORK:
            raise RetryableError(f"{told} The network wants you to sign in.", self.host, "Open a browser and sign in.")
        if self._is_put_off(answer):
            wait = retry_after_s(answer.headers.get("Retry-After"), self.clock())
            raise RetryableError(told, self.host, "It is tried again.", after_s=wait)
        if status in DOUBTFUL:
            raise UncertainError(f"{told} It may have been done all the same.", self.host, "Look there.", answered=True)
        todo = "Check its secret in your settings." if status in (401, 403) else "Change it, or check the address."
        raise RejectedError(told, self.host, todo)

    def _is_put_off(self, answer: Answer) -> bool:
        """A 403 with Retry-After is how some trackers say "too many"."""
        busy = self.knows_keys and answer.status == 409
        return answer.status in LATER or busy or (answer.status == 403 and "Retry-After" in answer.headers)

    def _redirected(self, answer: Answer) -> DeliveryError:
        to = urlsplit(answer.headers.get("Location", "")).netloc or "another page"
        if urlsplit(self.url).scheme == "http" and not self.loopback:
            return RetryableError(
                f"Instead of {self.host} something sent us on to {to}: the network may want you to sign in.",
                self.host,
                "Open a browser and sign in; or correct the address.",
            )
        return RejectedError(f"{self.host} has moved to {to}.", self.host, "Put the new address into your settings.")


class _Steps:
    """Follows one request through httpx's trace: makes the offer at the right moment and guards its sockets."""

    def __init__(self, offer: Offer | None) -> None:
        self._offer = offer
        self.offered = False
        self.deadline: Deadline | None = None

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete") and self.deadline:
            self.deadline.guard(info["return_value"].get_extra_info("socket"))
        elif event.endswith("send_request_headers.started") and self._offer and not self.offered:
            self._offer()
            self.offered = True


def door(
    name: str,
    url: str,
    secret_headers: Mapping[str, str],
    clock: Clock,
    limits: Limits | None = None,
    *,
    knows_keys: bool = False,
) -> Door:
    """Raises NotConfiguredError for an address that is not one, so that it is said before anything is tried."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(character.isspace() for character in url):
        raise NotConfiguredError(
            f"The address of {name} is not one.", f"~/.agentrc, {name}", "Write it with https:// or http:// in front."
        )
    return Door(url, {"User-Agent": "Carryon", **secret_headers}, clock, limits or Limits(), knows_keys)


def _trust(url: str) -> ssl.SSLContext | bool:
    """Reading the certificates takes longer than a delivery on this machine, so it is done once, and only for TLS."""
    return (
        _certificates() if urlsplit(url).scheme == "https" or not is_loopback(urlsplit(url).hostname or "") else False
    )


@functools.cache
def _certificates() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _plain(error: Exception) -> str:
    """The innermost cause says it best: "Connection refused"."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
