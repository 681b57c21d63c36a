"""The settings in force, as one frozen value that the rest of the program reads.

Made by `Stack.settings()` from the compiled layers, or by `Settings.of` from the stored text of old ones, so that an
old answer can be looked at under its own settings. `config_hash` is the compiled text's SHA-256: no path, no machine.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent.agentrc.actions import Action, action
from agent.agentrc.servers import Server, server
from agent.agentrc.sizes import size_bytes

SMTP_PORTS = MappingProxyType({"tls": 465, "starttls": 587, "none": 25})
IMAP_PORTS = MappingProxyType({"tls": 993, "starttls": 143, "none": 143})


@dataclass(frozen=True, slots=True)
class Account:
    """A mail account. `secret` is a reference (`keyring:NAME`, `env:NAME`) or None; `user` None means no login.
    `imap`: where what was sent can be looked up."""

    name: str
    kind: str
    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    secret: str | None = None
    imap: "Mailbox | None" = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`sent`: the folder in which the provider files what it sends by itself; auto: the one it marks as that."""

    host: str
    port: int
    security: str
    sent: str


@dataclass(frozen=True, slots=True)
class Place:
    """A calendar (caldav) or a folder (webdav) elsewhere. `calendar`: its name, where `url` is the account's."""

    name: str
    kind: str
    url: str
    user: str | None = None
    secret: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone on this machine. `branch` None: the one that is checked out."""

    name: str
    path: Path
    remote: str = "origin"
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """An incoming webhook. `url` may itself be a reference to a secret; `dedupes`: a repeated key has no effect."""

    name: str
    kind: str
    url: str
    shape: str = "auto"
    secret: str | None = None
    dedupes: bool = False


@dataclass(frozen=True, slots=True)
class Tracker:
    """Where issues go. `url` None: the public address of that kind."""

    name: str
    kind: str
    url: str | None = None
    project: str | None = None
    secret: str | None = None
    dedupes: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """`context`: sentences, and paths that begin with `./`, `/` or `~`; `folder` is where `./` starts."""

    name: str = ""
    context: tuple[str, ...] = ()
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    tone: str
    length: str
    format: str
    language: str
    timezone: str  # an IANA name, or "local"
    emoji: bool
    model_default: str
    model_decides: str  # starter or chosen: who is asked first
    model_context: int  # tokens of a conversation; 0: planned where the model is opened
    model_keep_warm: str  # always, auto or never
    model_saved_states: int  # bytes of disk; 0: nothing is saved
    tool_rules: tuple[tuple[str, str], ...]  # (glob, allow | ask | deny), first match wins
    accounts: Mapping[str, Account]  # of mail; the other kinds below
    calendars: Mapping[str, Place]
    shares: Mapping[str, Place]
    clones: Mapping[str, Clone]
    actions: Mapping[str, Action]
    channels: Mapping[str, Channel]
    trackers: Mapping[str, Tracker]
    servers: Mapping[str, Server]
    contacts: Mapping[str, str]
    files_allowed: tuple[Path, ...]
    network_mode: str
    network_metered: str  # all, small or none is sent
    network_low_battery: str
    outbox_attachments: str  # pinned, latest or ask
    sync_folder: Path | None  # that other laptops see, too
    sync_server: Place | None  # in its place
    sync_automatic: bool
    sync_passphrase: str | None  # a reference
    practice_enabled: bool
    learning_corrections: bool
    privacy_snapshots: str  # kept, encrypted or none
    window_tray: bool
    project: Project
    config_hash: str
    compiled: str = field(repr=False)  # canonical JSON of all of the above; what the hash is of

    @classmethod
    def of(cls, compiled: str, project_folder: Path | None = None) -> "Settings":
        """The settings that a compiled text stands for."""
        plain = json.loads(compiled)
        project = plain.get("project", {})
        return cls(
            tone=plain["tone"],
            length=plain["length"],
            format=plain["format"],
            language=plain["language"],
            timezone=plain["timezone"],
            emoji=plain["emoji"],
            model_default=plain["model"]["default"],
            model_decides=plain["model"].get("decides", "starter"),  # not in settings older than it
            model_context=_tokens(plain["model"].get("context", "auto")),  # likewise
            model_keep_warm=plain["model"].get("keep_warm", "auto"),  # likewise
            model_saved_states=size_bytes(plain["model"].get("saved_states", "1 GB")) or 0,  # likewise
            tool_rules=tuple((glob, rule) for glob, rule in plain["tools"]),
            accounts=_of_kind("smtp", _account, plain),
            calendars=_of_kind("caldav", _place, plain),
            shares=_of_kind("webdav", _place, plain),
            clones=_of_kind("git", _clone, plain),
            actions=_named(action, plain.get("actions", {})),
            channels=_named(_channel, plain.get("channels", {})),
            trackers=_named(_tracker, plain.get("trackers", {})),
            servers=_named(server, plain.get("servers", {})),
            contacts=MappingProxyType(plain.get("contacts", {})),
            files_allowed=tuple(_folder(path) for path in plain["files"]["allowed"]),
            network_mode=plain["network"]["mode"],
            network_metered=plain["network"].get("metered", "small"),  # not in settings older than it
            network_low_battery=plain["network"].get("low_battery", "all"),  # likewise
            outbox_attachments=plain.get("outbox", {}).get("attachments", "ask"),  # not in settings older than it
            sync_folder=_folder(plain["sync"]["folder"]) if "folder" in plain.get("sync", {}) else None,
            sync_server=_sync_server(plain.get("sync", {})),
            sync_automatic=plain.get("sync", {}).get("automatic", "on change") == "on change",
            sync_passphrase=plain.get("sync", {}).get("passphrase"),
            practice_enabled=plain["practice"]["enabled"],
            learning_corrections=plain.get("learning", {}).get("corrections", False),  # not in settings older than it
            privacy_snapshots=plain.get("privacy", {}).get("snapshots", "kept"),  # likewise
            window_tray=plain.get("window", {}).get("tray", False),
            project=Project(project.get("name", ""), tuple(project.get("context", ())), project_folder),
            config_hash=hashlib.sha256(compiled.encode()).hexdigest(),
            compiled=compiled,
        )

    def tool_rule(self, tool: str, *, outside: bool = False) -> str:
        """allow, ask or deny. `outside`: the effect leaves this machine, so no catch-all of Carryon's own allows it.

        A change of the settings is always the user's to accept: for `rc.set` a rule can only be ask or deny.
        """
        glob, rule = self.deciding_rule(tool)
        by_own_catch_all = glob == "*" and (glob, rule) == self.tool_rules[-1]
        if rule == "allow" and (tool == "rc.set" or (outside and by_own_catch_all)):
            return "ask"
        return rule

    def deciding_rule(self, tool: str) -> tuple[str, str]:
        """The first (glob, rule) that matches; the last rule matches everything."""
        return next((pair for pair in self.tool_rules if fnmatchcase(tool, pair[0])), ("*", "deny"))

    def contact(self, name: str) -> str | None:
        """The address behind a name as people type it: case does not count."""
        wanted = name.strip().casefold()
        return next((address for known, address in self.contacts.items() if known.casefold() == wanted), None)


def _tokens(value: int | str) -> int:
    return 0 if isinstance(value, str) else value


def _folder(path: str) -> Path:
    """The folder as this machine has it; the home of a user it does not know stays as written, and holds nothing."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _named(make: Any, plain: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    return MappingProxyType({name: make(name, entry) for name, entry in plain.items()})


def _of_kind(kind: str, make: Any, plain: Mapping[str, Any]) -> Mapping[str, Any]:
    accounts = plain.get("accounts", {})
    return _named(make, {name: entry for name, entry in accounts.items() if entry["kind"] == kind})


def _account(name: str, entry: Mapping[str, Any]) -> Account:
    security = entry.get("security", "starttls")
    port = entry.get("port", SMTP_PORTS[security])
    return Account(
        name, entry["kind"], entry["host"], port, security, entry["from"], entry.get("user"), entry.get("secret"),
        _mailbox(entry),
    )  # fmt: skip


def _mailbox(entry: Mapping[str, Any]) -> Mailbox | None:
    """Only where both are said: without the folder it is not known that the provider files by itself."""
    if "imap_host" not in entry or "imap_sent" not in entry:
        return None
    security = entry.get("imap_security", "tls")
    return Mailbox(entry["imap_host"], entry.get("imap_port", IMAP_PORTS[security]), security, entry["imap_sent"])


def _place(name: str, entry: Mapping[str, Any]) -> Place:
    user, secret, calendar = entry.get("user"), entry.get("secret"), entry.get("calendar")
    return Place(name, entry["kind"], entry["url"], user, secret, calendar)


def _sync_server(plain: Mapping[str, Any]) -> Place | None:
    return _place("sync", {"kind": "webdav", **plain}) if "url" in plain else None


def _clone(name: str, entry: Mapping[str, Any]) -> Clone:
    return Clone(name, _folder(entry["path"]), entry.get("remote", "origin"), entry.get("branch"))


def _channel(name: str, entry: Mapping[str, Any]) -> Channel:
    shape, dedupes = entry.get("shape", "auto"), entry.get("dedupes", False)
    return Channel(name, entry["kind"], entry["url"], shape, entry.get("secret"), dedupes)


def _tracker(name: str, entry: Mapping[str, Any]) -> Tracker:
    project, dedupes = entry.get("project"), entry.get("dedupes", False)
    return Tracker(name, entry["kind"], entry.get("url"), project, entry.get("secret"), dedupes)
