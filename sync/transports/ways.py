"""Whether a place that is reached over plain HTTP answers for itself. Over TLS a stranger is found out before anything
is sent; without it, a network that wants a sign-in would read the user's text at each try. So the way is proven first:
by a question that carries no word and no secret, to a path that nobody has.

What a network of that kind answers to everything (its page, a redirect to elsewhere, 511) no destination answers to
that. Some do, with a page for whatever is asked: they count as themselves where somebody answered over TLS just now,
which most such networks do not let happen. A redirect to elsewhere and 511 nobody excuses: some let a few places
through without a sign-in.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

from sync.clocks import elapsed_s
from sync.transports import portal
from sync.transports.outcomes import SignInError
from sync.transports.places import is_loopback

PROVEN_S = 60.0  # then the laptop may be in another house, and nobody has told
VOUCHED_S = 60.0
WAYS_KEPT_MAX = 256
ANSWER_BYTES_MAX = 64_000  # of its answer that is looked at
SIGN_IN_STATUS = 511
PATH = "/carryon-asks-the-way-"
# On a connection of its own: small devices close after each answer without saying so, and what is sent then would be in
# doubt.
ASKED_WITH: Mapping[str, str] = {"User-Agent": "Carryon", "Accept": "*/*", "Connection": "close"}


class Ways:
    """Used from several threads; one for the process, as there is one network."""

    def __init__(self, elapsed: Callable[[], float] = elapsed_s) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._proven: dict[str, float] = {}  # origin to when
        self._vouched: float | None = None

    def needs_proof(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme != "http" or is_loopback(parts.hostname or ""):
            return False
        with self._lock:
            return not self._is_young(self._proven.get(origin_of(url)), PROVEN_S)

    def prove(self, url: str) -> None:
        with self._lock:
            self._proven.pop(origin_of(url), None)
            self._proven[origin_of(url)] = self._elapsed()
            while len(self._proven) > WAYS_KEPT_MAX:
                del self._proven[next(iter(self._proven))]

    def vouch(self) -> None:
        """Somebody far away has answered, and shown over TLS who it is."""
        with self._lock:
            self._vouched = self._elapsed()

    @property
    def vouched(self) -> bool:
        with self._lock:
            return self._is_young(self._vouched, VOUCHED_S)

    def forget(self, url: str = "") -> None:
        """That place, or all: another network, or one that wants a sign-in."""
        with self._lock:
            if url:
                self._proven.pop(origin_of(url), None)
            else:
                self._proven.clear()
                self._vouched = None

    def _is_young(self, at: float | None, for_s: float) -> bool:
        return at is not None and 0 <= self._elapsed() - at < for_s


WAYS = Ways()


def origin_of(url: str) -> str:
    """Without path, query, name and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def question(url: str) -> str:
    """What is asked for there, with GET."""
    return f"{origin_of(url)}{PATH}{secrets.token_hex(8)}"


def settle(url: str, status: int, location: str, media_type: str, body: bytes, ways: Ways = WAYS) -> None:
    """What the answer to `question` says of the way there. Raises SignInError."""
    stranger = stranger_in(url, status, location, media_type, body)
    if stranger is not None and (stranger.sure or not ways.vouched):
        ways.forget()
        raise stranger
    ways.prove(url)


def stranger_in(url: str, status: int, location: str, media_type: str, body: bytes) -> SignInError | None:
    """What suggests that somebody answers in the place of `url`. Nothing of the user's was in the question."""
    host, home = urlsplit(origin_of(url)).netloc, portal.page_address(origin_of(url) + "/")
    if status == SIGN_IN_STATUS:
        return SignInError(
            f"The network wants you to sign in before {host} can be reached. Nothing was sent.", host, portal.SIGN_IN,
            url=home,
        )  # fmt: skip
    if status // 100 == 3 and location:
        to = _target(url, location)
        return None if _is_its_own(url, to) else portal.sent_on(host, to)
    if status == 200 and portal.is_page(media_type, body):
        return SignInError(
            f"A web page answers in place of {host}, whatever is asked: the network may want you to sign in. "
            "Nothing was sent.", host, portal.OR_TLS, url=home, sure=False,
        )  # fmt: skip
    return None


def _is_its_own(url: str, to: str) -> bool:
    """Whether the place itself may send there: to a page of its own, or over https to its own site. There a network
    would have to show a certificate of that name, so it counts as an answer of the place."""
    there, here = urlsplit(to), urlsplit(url)
    if there.scheme == "https":
        return _is_one_site(here.hostname or "", there.hostname or "")
    return (there.scheme, there.hostname, _port(there)) == ("http", here.hostname, _port(here))


def _is_one_site(one: str, other: str) -> bool:
    """The same host, or one is a part of the other: chat.example, www.chat.example."""
    above, below = sorted((one, other), key=len)
    return above == below or ("." in above and below.endswith(f".{above}"))


def _port(parts: SplitResult) -> int:
    return parts.port or 80


def _target(url: str, location: str) -> str:
    """Where a redirect leads, "" for what is no address."""
    try:
        to = urljoin(origin_of(url), location)
        _port(urlsplit(to))
    except ValueError:
        return ""
    return to
