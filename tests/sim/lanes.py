"""Every transport in every mode that the soak kills over: a name, and how its transport is made. New ones go here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.transports.action import Declared, HttpAction
from sync.transports.attached import Edition
from sync.transports.caldav import CalDav
from sync.transports.dav import DavAccount
from sync.transports.git import Clone, GitPush
from sync.transports.imap import ImapAccount, ImapSent
from sync.transports.port import Limits, Mode, Transport
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker
from sync.transports.webdav import WebDav
from sync.transports.webhook import Webhook
from tests.sim import pushes
from tests.sim.ledger import Ledger
from tests.sim.mailbox import SECRET, USER
from tests.sim.repositories import has_http_backend

LIMITS = Limits(5, 5, 10)


@dataclass(frozen=True)
class Lane:
    """`name`: transport/mode, also the destination's name in its book. `exact`: whether exactly once is promised."""

    name: str
    make: Callable[[Ledger, Callable[[], float]], Transport]
    by_text: bool = False  # the destination sees no key; each text is another, so effects are counted by it

    @property
    def mode(self) -> str:
        return self.name.rpartition("/")[2]

    @property
    def exact(self) -> bool:
        return self.mode in ("key", "query")

    @property
    def destination(self) -> str:
        return self.name.replace("/", ":")

    def payload(self, text: str, ledger: Ledger) -> dict[str, Any]:
        if self.name.startswith("action/"):
            url = f"{ledger.url}/{self.name}"
            return {"text": text, "method": "POST", "url": url, "json": {"text": text}, "find": f"{url}/the-key",
                    "key_token": "the-key"}  # fmt: skip
        if self.name.startswith("caldav/"):
            day = {"starts": "2026-03-06", "ends": "2026-03-07", "zone": "UTC"}
            return {"text": text, "uid": text, "title": text, **day}
        if self.name == pushes.LANE:
            return {"text": text, "remote": "origin", "branch": pushes.branch(text), "commit": ledger.commit}
        file = {"artifact": text, "version": 1, "name": text, "media_type": "text/plain", "follow": "pinned"}
        return {"to": "dana@example.org", "subject": text, "body": text, "channel": "ops", "text": text, "title": text,
                "path": text, **({"attached": [file]} if self.name.startswith("webdav/") else {})}  # fmt: skip


def _smtp(mode: Mode) -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        account = SmtpAccount("work", "127.0.0.1", ledger.mail_ports[f"smtp/{mode}"], "none", "me@example.org")
        return Smtp(account, mode=mode, limits=LIMITS)

    return Lane(f"smtp/{mode}", make)


def _smtp_with_mailbox() -> Lane:
    """The provider files what goes through it, so that it can be asked."""

    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        account = SmtpAccount("work", "127.0.0.1", ledger.mail_ports["smtp/query"], "none", "me@example.org")
        sent = ImapSent(ImapAccount("work", "127.0.0.1", ledger.mailbox, "none", USER, SECRET, "Sent"), limits=LIMITS)
        return Smtp(account, limits=LIMITS, sent=sent)

    return Lane("smtp/query", make)


def _git() -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        return GitPush(Clone("web", pushes.clone(ledger.folder)), limits=LIMITS, push_s=LIMITS.total_s)

    return Lane(pushes.LANE, make, by_text=True)


def _webhook(mode: Mode, place: str = "") -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        return Webhook("ops", f"{ledger.url}/webhook/{place or mode}", mode=mode, limits=LIMITS, clock=clock)

    return Lane(f"webhook/{place or mode}", make)


def _github() -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        return Tracker("web", "github", f"{ledger.url}/repos/o/r", limits=LIMITS, clock=clock)

    return Lane("tracker/query", make)


def _tracker_by_key() -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        return Tracker("web", "http", f"{ledger.url}/tracker/key", mode="key", limits=LIMITS, clock=clock)

    return Lane("tracker/key", make)


def _action(mode: Mode) -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        return HttpAction(Declared("ticket", f"{ledger.url}/action/{mode}", mode), limits=LIMITS, clock=clock)

    return Lane(f"action/{mode}", make)


def _caldav() -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        return CalDav(DavAccount("home", f"{ledger.url}/calendar/"), limits=LIMITS, clock=clock)

    return Lane("caldav/query", make, by_text=True)


class _Shelf:
    """A library in which every piece of work has one version: its own name."""

    def newest(self, artifact: str) -> Edition:
        return Edition(1, 0, len(artifact))

    def edition(self, artifact: str, n: int) -> Edition:
        return self.newest(artifact)

    def content(self, artifact: str, n: int) -> bytes:
        return artifact.encode()

    def difference(self, artifact: str, older: int, newer: int) -> str:
        return ""


def _webdav() -> Lane:
    def make(ledger: Ledger, clock: Callable[[], float]) -> Transport:
        account = DavAccount("home", f"{ledger.url}/files/")
        return WebDav(account, shelf=_Shelf(), limits=LIMITS, clock=clock)

    return Lane("webdav/query", make, by_text=True)


LANES: Mapping[str, Lane] = {
    lane.name: lane
    for lane in (
        _smtp("none"), _smtp("key"), _webhook("none"), _webhook("key"), _github(), _tracker_by_key(),
        _action("none"), _action("key"), _action("query"), _webdav(), _caldav(), _smtp_with_mailbox(),
        *([_git()] if has_http_backend() else []),
    )
}  # fmt: skip
LYING = _webhook("key", place="lying")  # said to recognise keys, and does not: the soak must notice
