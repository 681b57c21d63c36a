"""One HTTP request with an effect, and what its answer means. Under every transport that speaks HTTP.

The offer is made when the connection stands and the request's first byte is about to go; what fails before is surely
not sent, what fails after is uncertain. Redirects are not followed: they would carry the text, and perhaps the secret,
to a place that the user did not name. URLs may be secrets (incoming webhooks are), so only hosts appear in messages.
"""

import contextlib
import functools
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sync.rows import Clock
from sync.transports import attempt, portal, ways
from sync.transports.deadline import Deadline
from sync.transports.outcomes import (
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    SignInError,
    UncertainError,
    UnreachableError,
)
from sync.transports.places import is_loopback
from sync.transports.port import Limits, Offer
from sync.transports.retry_after import retry_after_s, tried_again
from sync.transports.stages import Stages
from sync.transports.ways import SIGN_IN_STATUS, WAYS

if TYPE_CHECKING:
    import httpx

# The server puts it off and says so. A 500 broke somewhere, before or after it was done, unless it names a time for
# another try; 502 and 504 speak for somebody behind it who may have done it. Of the redirects three say that it is to
# be sent elsewhere; each other one may lead to what came of it.
LATER = frozenset({408, 423, 425, 429, 503})
LATER_IF_IT_SAYS_WHEN = frozenset({403, 500})  # a 403 with Retry-After is how some trackers say "too many"
DOUBTFUL = frozenset({500, 502, 504})
MOVED = frozenset({301, 307, 308})
SAID_CHARACTERS_MAX = 200
JSON: Mapping[str, str] = MappingProxyType({"Content-Type": "application/json"})
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


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
    ends_at: float | None = None  # monotonic; of a delivery that takes several requests

    def begun(self) -> "Door":
        """For one delivery of several requests, which share its time."""
        return replace(self, ends_at=time.monotonic() + self.limits.total_s)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def loopback(self) -> bool:
        return is_loopback(urlsplit(self.url).hostname or "")

    def post(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], offer: Offer) -> Answer:
        """Cause the effect. Returns a 2xx answer or raises what the other answer, or its absence, means."""
        return self.send("POST", url, json_bytes(body), {**JSON, **headers}, offer)

    def send(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], offer: Offer,
        fine: Collection[int] = (),
    ) -> Answer:  # fmt: skip
        """As `post`, with any method and body. An answer whose status is `fine` comes back like a 2xx one."""
        answer = self._exchange(method, url, content, headers, offer)
        if answer.status // 100 == 3:
            raise self._sent_on(answer)
        return answer if answer.status in fine else self._meant(self._judged(answer))

    def look(
        self, method: str, url: str, content: bytes | None = None, headers: Mapping[str, str] = NO_HEADERS,
        fine: Collection[int] = (),
    ) -> Answer:  # fmt: skip
        """Ask before anything is sent: as `send`, and whatever fails, nothing was sent."""
        answer = self._exchange(method, url, content, headers, None)
        try:
            return answer if answer.status in fine else self._judged(answer)
        except UncertainError as error:
            raise RetryableError(error.what, error.where, "It is tried again.") from error

    def get(
        self, url: str, method: str = "GET", content: bytes | None = None, headers: Mapping[str, str] = NO_HEADERS,
        fine: Collection[int] = (),
    ) -> Answer:  # fmt: skip
        """Ask what became of an earlier try. An answer that says nothing leaves it open."""
        answer = self._exchange(method, url, content, headers, None)
        if answer.status // 100 == 3 and isinstance(redirected := self._redirected(answer), SignInError):
            raise redirected
        if (answer.status // 100 != 2 and answer.status not in fine) or self._is_a_strangers(answer):
            raise RetryableError(f"{self.host} could not say whether it arrived ({answer.status}).", self.host)
        return answer

    def _exchange(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], offer: Offer | None
    ) -> Answer:
        import httpx

        trying = attempt.current()
        early = self.limits.before_offer(trying.rung)
        read_s = self.limits.read_s if offer else early.read_s
        steps = _Steps(offer, Stages(trying, self.host, early.connect_s, read_s, self.limits.tell_s))
        limits = self.limits
        left_s = limits.total_s if self.ends_at is None else max(self.ends_at - time.monotonic(), 0.1)
        with Deadline(left_s) as deadline:
            steps.stages.deadline = deadline
            try:
                with self._client(httpx.Timeout(read_s, connect=early.connect_s), steps) as client:
                    self._prove_the_way(client, steps, early.connect_s)
                    with client.stream(
                        method, url, content=content, headers={**self.headers, **headers},
                        extensions={"trace": steps.note},
                    ) as response:  # fmt: skip
                        response.headers.update(steps.location)
                        answer = Answer(response.status_code, response.headers, self._read(response))
                self._learn(answer)
                return answer
            except (httpx.InvalidURL, UnicodeError) as error:
                raise NotConfiguredError(
                    f"The address of {self.host} is not one: {error}.", self.host, "Correct it in your settings."
                ) from error
            except httpx.HTTPError as error:
                raise self._failure(error, steps, deadline) from error

    def _prove_the_way(self, client: "httpx.Client", steps: "_Steps", within_s: float) -> None:
        """Over plain HTTP, before anything of the user's leaves. Raises SignInError."""
        if not WAYS.needs_proof(self.url):
            return
        steps.proving = True
        with client.stream(
            "GET", ways.question(self.url), headers=ways.ASKED_WITH, timeout=within_s, extensions={"trace": steps.note}
        ) as response:
            location = steps.location.get("Location", "")
            kind, body = response.headers.get("Content-Type", ""), self._read(response, ways.ANSWER_BYTES_MAX)
            ways.settle(self.url, response.status_code, location, kind, body)
        steps.proving, steps.location = False, {}

    def _learn(self, answer: Answer) -> None:
        """What an answer says of the network."""
        if self.loopback:
            return
        if urlsplit(self.url).scheme == "https":
            WAYS.vouch()
            return
        kind, location = answer.headers.get("Content-Type", ""), answer.headers.get("Location", "")
        if ways.stranger_in(self.url, answer.status, location, kind, answer.body):
            WAYS.forget()
        elif answer.status // 100 == 2:
            WAYS.prove(self.url)

    def _client(self, timeout: "httpx.Timeout", steps: "_Steps") -> "httpx.Client":
        import httpx

        from sync.transports.http_dialling import dial_by_ourselves

        return dial_by_ourselves(
            httpx.Client(
                timeout=timeout, follow_redirects=False, trust_env=not self.loopback, verify=_trust(self.url),
                event_hooks={"response": [steps.take_location]},
            )
        )  # fmt: skip

    def _read(self, response: "httpx.Response", most: int | None = None) -> bytes:
        """At most the bound. The status has come and is the answer, so a body that breaks off changes nothing."""
        import httpx

        body = bytearray()  # bytes would be copied whole for each piece
        with contextlib.suppress(httpx.HTTPError):
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > (most or self.limits.answer_bytes_max):
                    break
        return bytes(body)

    def _failure(self, error: Exception, steps: "_Steps", deadline: Deadline) -> DeliveryError:
        WAYS.forget(self.url)
        slow = deadline.passed or "Timeout" in type(error).__name__
        why = deadline.why if slow else _plain(error).rstrip(".")
        if not steps.offered:
            if not self.loopback and (stranger := portal.stranger(error, self.host)):
                return stranger
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
        if status == SIGN_IN_STATUS:
            raise SignInError(f"{told} The network wants you to sign in.", self.host, portal.SIGN_IN)
        if self._is_put_off(answer):
            wait = retry_after_s(answer.headers.get("Retry-After"), self.clock(), answer.headers.get("Date"))
            raise RetryableError(told, self.host, tried_again(wait, self.clock()), after_s=wait)
        if status in DOUBTFUL or (self.knows_keys and status == 409):
            raise self._perhaps(answer)
        todo = "Check its secret in your settings." if status in (401, 403) else "Change it, or check the address."
        raise RejectedError(told, self.host, todo)

    def _perhaps(self, answer: Answer) -> UncertainError:
        told = f"{self.host} answered {answer.status}" + (f": {answer.said()}" if answer.said() else ".")
        return UncertainError(f"{told} It may have been done all the same.", self.host, "Look there.", answered=True)

    def _is_put_off(self, answer: Answer) -> bool:
        when = answer.status in LATER_IF_IT_SAYS_WHEN and "Retry-After" in answer.headers
        return answer.status in LATER or when

    def _meant(self, answer: Answer) -> Answer:
        """Over plain HTTP nobody vouches for a 200: a web page with it may be the network's own, and may be the word of
        a receiver that did it."""
        if self._is_a_strangers(answer):
            raise UncertainError(
                f"A web page came instead of an answer of {self.host}: the network may want you to sign in.", self.host,
                "Open a browser and sign in; look whether it arrived.", page=True,
            )  # fmt: skip
        return answer

    def _is_a_strangers(self, answer: Answer) -> bool:
        page = portal.is_page(answer.headers.get("Content-Type", ""), answer.body)
        return page and answer.status == 200 and urlsplit(self.url).scheme == "http"

    def _sent_on(self, answer: Answer) -> DeliveryError:
        """A redirect after the offer. Where nobody vouches for one to another host it is a perhaps: a network's own, or
        the word of a receiver that did it."""
        if stranger := self._leads_away(answer):
            todo = "Open a browser and sign in; look whether it arrived."
            return UncertainError(stranger.what, self.host, todo, page=True)
        if answer.status in MOVED:
            return self._moved(answer)
        told = f"{self.host} answered {answer.status} and sends us on to {self._new_place(answer)}."
        return UncertainError(f"{told} It may have been done all the same.", self.host, "Look there.", answered=True)

    def _redirected(self, answer: Answer) -> DeliveryError:
        """Where nothing was sent."""
        return self._leads_away(answer) or self._moved(answer)

    def _leads_away(self, answer: Answer) -> SignInError | None:
        """Over plain HTTP, to another host: what a network does that wants a sign-in."""
        if self.loopback or urlsplit(self.url).scheme == "https":
            return None
        return ways.stranger_in(self.url, answer.status, answer.headers.get("Location", ""), "", b"")

    def _moved(self, answer: Answer) -> RejectedError:
        told = f"{self.host} has moved to {self._new_place(answer)}."
        return RejectedError(told, self.host, "Put the new address into your settings.")

    def _new_place(self, answer: Answer) -> str:
        return portal.new_place(self.url, answer.headers.get("Location", ""))


def json_bytes(body: Any) -> bytes:
    import json

    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def travels_open(url: str, secret: str | None) -> bool:
    """Whether a password would cross the network unprotected."""
    parts = urlsplit(url)
    return bool(secret) and parts.scheme != "https" and not is_loopback(parts.hostname or "")


def basic(user: str | None, secret: str | None) -> dict[str, str]:
    """The header of a login with name and password (RFC 7617); none without a user."""
    from base64 import b64encode

    return {"Authorization": "Basic " + b64encode(f"{user}:{secret or ''}".encode()).decode()} if user else {}


class _Steps:
    """Follows one request through httpx's trace: makes the offer at the right moment, tells how far it is."""

    def __init__(self, offer: Offer | None, stages: Stages) -> None:
        self._offer = offer
        self.stages = stages
        self.offered = False
        self.proving = False  # what is under way is the question for the way, which carries nothing
        self.location: dict[str, str] = {}

    def take_location(self, response: "httpx.Response") -> None:
        """Out of httpx's sight, which reads it although it is not followed, and takes one that is no address for a
        fault of ours: an answer that came must count."""
        if "Location" in response.headers:
            self.location = {"Location": response.headers.pop("Location")}

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        starts = event.endswith("send_request_headers.started")
        if starts and self._offer and not self.offered and not self.proving:
            self._offer()
            self.offered = True
        if not event.startswith("connection.connect_tcp.started"):  # our own dialling tells of it
            self.stages.note(event, info)


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
    if type(cause).__name__ == "RemoteProtocolError" and "disconnected" not in str(cause):
        return "what it answered is not HTTP"
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
