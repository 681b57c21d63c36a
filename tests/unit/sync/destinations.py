"""Destinations of every kind whose faults can be chosen by name and whose effects are counted there. Real servers on
loopback for the real transports."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pytest

from sync.item import Item
from sync.loopback import Fault, Loopback
from sync.transports.action import Declared, HttpAction
from sync.transports.attached import Edition
from sync.transports.caldav import CalDav
from sync.transports.dav import DavAccount
from sync.transports.git import Clone, GitPush
from sync.transports.port import Limits, Mode, Transport
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker
from sync.transports.webdav import WebDav
from sync.transports.webhook import Webhook
from tests.sim.between import FAULTS, Between
from tests.sim.calendar_server import CalendarServer
from tests.sim.file_server import FileServer
from tests.sim.mailing import MailServer
from tests.sim.receiving import Receiver, Reply
from tests.sim.repositories import GitServer, bare, cloned, commit, git, has_http_backend
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)


class There(Protocol):
    """`transport` to it; `fault` for the next delivery; how often a key took effect."""

    transport: Transport

    def fault(self, name: Fault) -> None: ...
    def times(self, key: str) -> int: ...


@dataclass
class Twin:
    transport: Loopback

    def fault(self, name: Fault) -> None:
        self.transport.faults = replace(self.transport.faults, fixed=(*self.transport.faults.fixed, name))

    def times(self, key: str) -> int:
        return self.transport.times(key)


REPLIES: dict[Fault, Reply] = {
    "none": Reply(),
    "put_off": Reply(503, acts=False),
    "reject": Reply(404, acts=False),
    "lose_request": Reply(acts=False, cut="request"),
    "lose_answer": Reply(cut="answer"),
}


@dataclass
class Http:
    transport: Transport
    receiver: Receiver
    gone: Callable[[], Transport]

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.transport = self.gone()
        else:
            self.receiver.script.append(REPLIES[name])

    def times(self, key: str) -> int:
        return self.receiver.effects.count(key)


@dataclass
class Mail:
    transport: Transport
    server: MailServer

    def fault(self, name: Fault) -> None:
        if name == "drop":
            mode = self.transport.mode
            self.transport = smtp(1, "none", Filing(self.server)) if mode == "query" else smtp(1, mode)
        else:
            self.server.script.append(name)

    def times(self, key: str) -> int:
        return sum(1 for message in self.server.kept if message["Message-ID"].startswith(f"<{key}@"))


@dataclass
class Calendar:
    transport: Transport
    server: CalendarServer
    between: Between

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.transport = caldav("http://127.0.0.1:1")
        else:
            self.between.script.append(FAULTS[name])

    def times(self, key: str) -> int:
        return sum(key in text for text in self.server.kept())


@dataclass
class Folder:
    transport: Transport
    server: FileServer
    between: Between

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.transport = webdav("http://127.0.0.1:1")
        else:
            self.between.script.append(FAULTS[name])

    def times(self, key: str) -> int:
        return len(list(self.server.folder.rglob(f"{key}.txt")))


def webdav(url: str) -> WebDav:
    return WebDav(DavAccount("share", url, "me", "pw"), shelf=OneWork(), limits=LIMITS)


class OneWork:
    """A library with one piece of work of one version."""

    def newest(self, artifact: str) -> Edition:
        return Edition(1, 1_772_700_000_000, 4)

    def edition(self, artifact: str, n: int) -> Edition:
        return self.newest(artifact)

    def content(self, artifact: str, n: int) -> bytes:
        return b"text"

    def difference(self, artifact: str, older: int, newer: int) -> str:
        return ""


@dataclass
class Action:
    transport: Transport
    receiver: Receiver
    mode: Mode
    url: str

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.url = "http://127.0.0.1:1"
            self.transport = action(self.url, self.mode)
        else:
            self.receiver.script.append(REPLIES[name])

    def times(self, key: str) -> int:
        return self.receiver.effects.count(key)


def action(url: str, mode: Mode) -> HttpAction:
    return HttpAction(Declared("deploy", f"{url}/jobs", mode), limits=LIMITS)


def caldav(url: str) -> CalDav:
    return CalDav(DavAccount("home", f"{url}/me/work/", "me", "pw"), limits=LIMITS)


@dataclass
class Branch:
    """Each item is a commit of its own on top of the one before."""

    transport: GitPush
    repository: Path
    clone: Path
    between: Between
    commits: dict[str, str] = field(default_factory=dict)

    def item(self) -> Item:
        there = list(self.commits.values())[-1:] or [""]
        made = commit(self.clone, "a.txt", str(len(self.commits)), "One more")
        item = an_item({"there": there[0]}, remote="origin", branch="main", commit=made)
        self.commits[item.id] = made
        return item

    def fault(self, name: Fault) -> None:
        if name == "drop":
            git(self.clone, "remote", "set-url", "origin", "http://127.0.0.1:1/there.git")
        else:
            self.between.script.append(FAULTS[name])

    def times(self, key: str) -> int:
        return git(self.repository, "rev-list", "--all").split().count(self.commits[key])


@dataclass
class Filing:
    """The folder of a provider that files what goes through it."""

    server: MailServer

    def holds(self, message_id: str) -> bool:
        return any(message["Message-ID"] == message_id for message in self.server.kept)


WORK = {"artifact": "a", "version": 1, "name": "a.txt", "media_type": "text/plain", "follow": "ask"}


def item_of(there: There) -> Item:
    """What that kind of destination takes."""
    if isinstance(there, Folder):
        return an_item(attached=[WORK])
    if isinstance(there, Branch):
        return there.item()
    if isinstance(there, Action):
        return an_item(method="POST", url=f"{there.url}/jobs", json={"note": "x"}, find=f"{there.url}/jobs")
    return an_item()


def smtp(port: int, mode: Mode, sent: Filing | None = None) -> Smtp:
    account = SmtpAccount("work", "127.0.0.1", port, "none", "me@example.org")
    return Smtp(account, mode=mode, limits=LIMITS, sent=sent)


def http(kind: str, url: str, mode: Mode) -> Transport:
    if kind == "webhook":
        return Webhook("ops", f"{url}/hook", mode=mode, limits=LIMITS)
    return Tracker("web", kind, f"{url}/o/r", mode=mode, limits=LIMITS)  # type: ignore[arg-type]


Ask = Callable[[str], object]  # for a server or a folder that the test run keeps


def _twin(kind: str, undo: ExitStack, ask: Ask) -> There:
    return Twin(Loopback())


def _calendar(kind: str, undo: ExitStack, ask: Ask) -> There:
    server = ask("calendars")
    assert isinstance(server, CalendarServer)
    between = undo.enter_context(Between(server.port))
    return Calendar(caldav(between.url), server, between)


def _folder(kind: str, undo: ExitStack, ask: Ask) -> There:
    server = ask("folders")
    assert isinstance(server, FileServer)
    between = undo.enter_context(Between(server.port))
    return Folder(webdav(between.url), server, between)


def _action(kind: str, undo: ExitStack, ask: Ask) -> There:
    receiver = undo.enter_context(Receiver())
    mode: Mode = "key" if kind == "action" else "query"
    return Action(action(receiver.url, mode), receiver, mode, receiver.url)


def _mail(kind: str, undo: ExitStack, ask: Ask) -> There:
    server = undo.enter_context(MailServer(dedupes=kind == "mail"))
    transport = smtp(server.port, "key") if kind == "mail" else smtp(server.port, "none", Filing(server))
    return Mail(transport, server)


def _branch(kind: str, undo: ExitStack, ask: Ask) -> There:
    if not has_http_backend():
        pytest.skip("this git brings no http-backend")
    folder = ask("tmp_path")
    assert isinstance(folder, Path)
    repository = bare(folder / "there.git")
    between = undo.enter_context(Between(undo.enter_context(GitServer(folder)).port))
    clone = cloned(f"{between.url}/there.git", folder / "clone")
    return Branch(GitPush(Clone("site", clone), limits=LIMITS, push_s=4), repository, clone, between)


def _http(kind: str, undo: ExitStack, ask: Ask) -> There:
    receiver = undo.enter_context(Receiver())
    mode: Mode = "query" if kind in ("github", "gitlab") else "key"
    return Http(http(kind, receiver.url, mode), receiver, lambda: http(kind, "http://127.0.0.1:1", mode))


KINDS: Mapping[str, Callable[[str, ExitStack, Ask], There]] = {
    "twin": _twin, "mail": _mail, "filed mail": _mail, "webhook": _http, "http": _http, "github": _http,
    "gitlab": _http,
    "caldav": _calendar, "webdav": _folder, "git": _branch, "action": _action, "asking action": _action,
}  # fmt: skip
