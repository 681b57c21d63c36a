"""What CalDAV and WebDAV share: an account's door, answers of several statuses (RFC 4918, 207), paths below an address.

What a server answers is not trusted: a document with its own entities is refused before it is read, and an address that
it names counts only on the same host, since the password goes with every request.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit

from sync.rows import Clock
from sync.transports.http import Answer, Door, basic, door, travels_open
from sync.transports.outcomes import NotConfiguredError, RejectedError
from sync.transports.port import Limits

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
XML = {"Content-Type": "application/xml; charset=utf-8"}
RESPONSES_MAX = 2_000


@dataclass(frozen=True, slots=True)
class DavAccount:
    """`url`: of a collection; `secret`: the password, already resolved."""

    name: str
    url: str
    user: str | None = None
    secret: str | None = field(default=None, repr=False)


def dav_door(account: DavAccount, limits: Limits | None, clock: Clock = time.time) -> Door:
    opened = door(account.name, account.url, basic(account.user, account.secret), clock, limits)
    if travels_open(account.url, account.secret):
        where = f"~/.agentrc, accounts.{account.name}"
        raise NotConfiguredError("The password would travel in the open.", where, "Write url with https://.")
    return opened


def below(url: str, *names: str) -> str:
    """The address of something in a collection; each name is one step, whatever signs it holds."""
    return "/".join([url.rstrip("/"), *(quote(name, safe="") for name in names)])


def same_host(url: str, reference: str, name: str) -> str:
    """Where the server says that something is. Raises RejectedError for another host."""
    here = urlsplit(url)
    try:
        found = urljoin(url, reference)
        there = urlsplit(found)
    except ValueError as error:
        raise RejectedError(f"{here.netloc} names an address that is none.", name, "Correct its url.") from error
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise RejectedError(f"{here.netloc} sends us on to {there.netloc or 'nowhere'}.", name, "Correct its url.")
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """One response of several. `found`: its properties with status 200."""

    href: str
    found: "tuple[Element, ...]"

    def holding(self, name: str) -> "Element | None":
        return next((one for one in self.found if one.tag == name), None)

    def text(self, name: str) -> str:
        one = self.holding(name)
        return (one.text or "").strip() if one is not None else ""

    @property
    def last_name(self) -> str:
        """As a name to show; an address that is none has none."""
        try:
            return unquote(urlsplit(self.href).path.rstrip("/").rpartition("/")[2])
        except ValueError:
            return ""


def entries(answer: Answer, host: str) -> Iterator[Entry]:
    """Raises RejectedError for what is no such answer."""
    root = _read(answer, host)
    for response in root.findall(f"{DAV}response")[:RESPONSES_MAX]:
        href = (response.findtext(f"{DAV}href") or "").strip()
        found = [
            one
            for stat in response.findall(f"{DAV}propstat")
            if " 200 " in f"{stat.findtext(f'{DAV}status') or ''} "
            for prop in stat.findall(f"{DAV}prop")
            for one in prop
        ]
        yield Entry(href, tuple(found))


def _read(answer: Answer, host: str) -> "Element":
    from xml.etree import ElementTree

    no_answer = RejectedError(f"{host} did not answer as such a server does.", host, "Look whether its url is right.")
    try:
        text = answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise no_answer from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise no_answer
    try:
        return ElementTree.fromstring(text)  # noqa: S314  no entities of its own, and at most the bound of an answer
    except ElementTree.ParseError as error:
        raise no_answer from error
