"""From the name of a destination ("smtp:work") to a transport, by the settings in force at that moment.

An item that was queued before any account was set up ("none:email") goes through the first account declared since.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from agent.agentrc.references import is_reference, keyring_get, resolve_secret
from agent.agentrc.settings import Account, Channel, Settings, Tracker
from agent.practice import Practice
from agent.tools.outgoing import PRACTICE, declared, default_account
from agent.tools.pages import PageTransport
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Mode, Transport
from sync.transports.smtp import Security, Smtp, SmtpAccount
from sync.transports.tracker import Kind
from sync.transports.tracker import Tracker as TrackerTransport
from sync.transports.webhook import Shape, Webhook

SET_UP = "Describe it in ~/.agentrc (Settings shows how), or try it with the practice destinations."
SHAPES: Mapping[str, str | None] = {"auto": None, "json": "generic"}  # the settings' words to the transport's
PUBLIC = {"github": "https://github.com", "gitlab": "https://gitlab.com"}
Entry = TypeVar("Entry")


class Destinations:
    """Called by the dispatcher's thread at every pass, so new settings count at once."""

    def __init__(
        self, settings: Callable[[], Settings], practice: Practice, pages: Path, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._practice = practice
        self._pages = pages  # folder of kept web pages
        self._clock = clock

    def transport(self, destination: str) -> Transport:
        """Raises NotConfiguredError, whose words become the item's last error."""
        kind, _, name = destination.partition(":")
        settings = self._settings()
        match kind:
            case "smtp":
                return self._mail(name, settings)
            case "webhook":
                return self._channel(name, settings)
            case "tracker":
                return self._tracker(name, settings)
            case "web":
                return PageTransport(self._pages, self._clock)
            case "none":
                return self._declared_since(name, settings)
        raise NotConfiguredError(f"Carryon cannot send to {kind!r}.", destination, SET_UP)

    def _declared_since(self, wanted: str, settings: Settings) -> Transport:
        what, _, name = wanted.partition(":")
        if what == "email" and (account := default_account(settings.accounts)):
            return self._mail(account, settings)
        if what == "channel" and (channel := declared(name, settings.channels)):
            return self._channel(channel, settings)
        if what == "tracker" and (tracker := declared(name, settings.trackers)):
            return self._tracker(tracker, settings)
        if settings.practice_enabled:
            return {"email": self._practice_mail, "channel": self._practice_channel}.get(what, self._practice_tracker)()
        where = f"the {what} {name}" if name else f"{what}"
        raise NotConfiguredError(f"Nothing is set up for {where}.", "~/.agentrc", SET_UP)

    def _mail(self, name: str, settings: Settings) -> Transport:
        if name == PRACTICE and settings.practice_enabled:
            return self._practice_mail()
        account: Account = _declared(settings.accounts, name, "account")
        return Smtp(
            SmtpAccount(
                name=account.name, host=account.host, port=account.port, security=cast(Security, account.security),
                sender=account.sender, user=account.user, secret=_secret(account.secret),
            )
        )  # fmt: skip

    def _channel(self, name: str, settings: Settings) -> Transport:
        if name == PRACTICE and settings.practice_enabled:
            return self._practice_channel()
        channel: Channel = _declared(settings.channels, name, "channel")
        shape = SHAPES.get(channel.shape, channel.shape)
        return Webhook(
            channel.name, _url(channel.url), shape=cast(Shape | None, shape), secret=_secret(channel.secret),
            mode="key" if channel.dedupes else "none",
        )  # fmt: skip

    def _tracker(self, name: str, settings: Settings) -> Transport:
        if name == PRACTICE and settings.practice_enabled:
            return self._practice_tracker()
        tracker: Tracker = _declared(settings.trackers, name, "tracker")
        home = _url(tracker.url) if tracker.url else PUBLIC.get(tracker.kind, "")
        url = f"{home.rstrip('/')}/{tracker.project}" if tracker.project else home
        mode: Mode | None = "key" if tracker.dedupes and tracker.kind == "http" else None
        return TrackerTransport(tracker.name, cast(Kind, tracker.kind), url, secret=_secret(tracker.secret), mode=mode)

    def _practice_mail(self) -> Transport:
        port = self._practice.server().smtp_port
        sender = "you@practice.invalid"
        account = SmtpAccount(PRACTICE, "127.0.0.1", port, "none", sender, None, None)
        return Smtp(account, mode="key")

    def _practice_channel(self) -> Transport:
        return Webhook(PRACTICE, f"{self._practice.server().http_url}/channels/{PRACTICE}", mode="key")

    def _practice_tracker(self) -> Transport:
        return TrackerTransport(PRACTICE, "http", f"{self._practice.server().http_url}/issues", mode="key")


def _declared(entries: Mapping[str, Entry], name: str, what: str) -> Entry:
    if name not in entries:
        raise NotConfiguredError(f"There is no {what} named {name}.", "~/.agentrc", SET_UP)
    return entries[name]


def _url(text: str) -> str:
    return (_secret(text) or "") if is_reference(text) else text


def _secret(reference: str | None) -> str | None:
    if reference is None:
        return None
    return resolve_secret(reference, os.environ, keyring_get)
