"""From the name of a destination ("smtp:work") to a transport, by the settings in force at that moment.

An item that was queued before any account was set up ("none:email") goes through the first account declared since.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from agent.agentrc.settings import Account, Channel, Settings, Tracker
from agent.elsewhere import SET_UP, Elsewhere, address_of, entry_named, secret_of, sent_folder
from agent.practice import Practice
from agent.tool_servers import ToolServers
from agent.tools.later import AskTransport
from agent.tools.outgoing import PRACTICE, declared, default_account
from agent.tools.pages import PageTransport
from sync.transports.attached import Shelf
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Mode, Transport
from sync.transports.smtp import Security, Smtp, SmtpAccount
from sync.transports.tracker import Kind
from sync.transports.tracker import Tracker as TrackerTransport
from sync.transports.webhook import Shape, Webhook

SHAPES: Mapping[str, str | None] = {"auto": None, "json": "generic"}  # the settings' words to the transport's
PUBLIC = {"github": "https://github.com", "gitlab": "https://gitlab.com"}


class Destinations:
    """Called by the dispatcher's thread at every pass, so new settings count at once."""

    def __init__(
        self, settings: Callable[[], Settings], practice: Practice, pages: Path, clock: Callable[[], float],
        shelf: Shelf | None = None, servers: ToolServers | None = None,
    ) -> None:  # fmt: skip
        """`shelf`: the library, for what is sent along from it; `servers`: those of tools."""
        self._servers = servers
        self._settings = settings
        self._shelf = shelf
        self._practice = practice
        self._pages = pages  # folder of kept web pages
        self._clock = clock

    def transport(self, destination: str) -> Transport:
        """Raises NotConfiguredError, whose words become the item's last error."""
        kind, _, name = destination.partition(":")
        makers: Mapping[str, Callable[[str, Settings], Transport]] = {
            "smtp": self._mail,
            "webhook": self._channel,
            "tracker": self._tracker,
            **Elsewhere(self._clock, self._shelf).makers(),
            "mcp": self._server,
            "ask": self._question,
            "web": lambda _name, _settings: PageTransport(self._pages, self._clock),
            "none": self._declared_since,
        }
        if kind not in makers:
            raise NotConfiguredError(f"Carryon cannot send to {kind!r}.", destination, SET_UP)
        return makers[kind](name, self._settings())

    def _server(self, name: str, _settings: Settings) -> Transport:
        if self._servers is None:
            raise NotConfiguredError("Servers of tools cannot be reached here.", name, "Use Carryon's window.")
        return self._servers.transport(name)

    def _question(self, wanted: str, settings: Settings) -> Transport:
        """Whose answer is kept here: "server.git", "action.status"."""
        kind, _, name = wanted.partition(".")
        if kind == "action":
            from agent.tools.actions import asks

            return asks(entry_named(settings.actions, name, "action"), self._pages, self._clock)
        if self._servers is None:
            raise NotConfiguredError("Servers of tools cannot be reached here.", name, "Use Carryon's window.")
        return AskTransport(name, self._servers.question(name), self._pages, self._clock, loopback=False)

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
        account: Account = entry_named(settings.accounts, name, "account")
        return Smtp(
            SmtpAccount(
                name=account.name, host=account.host, port=account.port, security=cast(Security, account.security),
                sender=account.sender, user=account.user, secret=secret_of(account.secret),
            ),
            shelf=self._shelf, sent=sent_folder(account),
        )  # fmt: skip

    def _channel(self, name: str, settings: Settings) -> Transport:
        if name == PRACTICE and settings.practice_enabled:
            return self._practice_channel()
        channel: Channel = entry_named(settings.channels, name, "channel")
        shape = SHAPES.get(channel.shape, channel.shape)
        return Webhook(
            channel.name, address_of(channel.url), shape=cast(Shape | None, shape), secret=secret_of(channel.secret),
            mode="key" if channel.dedupes else "none",
        )  # fmt: skip

    def _tracker(self, name: str, settings: Settings) -> Transport:
        if name == PRACTICE and settings.practice_enabled:
            return self._practice_tracker()
        tracker: Tracker = entry_named(settings.trackers, name, "tracker")
        home = address_of(tracker.url) if tracker.url else PUBLIC.get(tracker.kind, "")
        url = f"{home.rstrip('/')}/{tracker.project}" if tracker.project else home
        mode: Mode | None = "key" if tracker.dedupes and tracker.kind == "http" else None
        secret = secret_of(tracker.secret)
        return TrackerTransport(tracker.name, cast(Kind, tracker.kind), url, secret=secret, mode=mode)

    def _practice_mail(self) -> Transport:
        port = self._practice.server().smtp_port
        sender = "you@practice.invalid"
        account = SmtpAccount(PRACTICE, "127.0.0.1", port, "none", sender, None, None)
        return Smtp(account, mode="key", shelf=self._shelf)

    def _practice_channel(self) -> Transport:
        return Webhook(PRACTICE, f"{self._practice.server().http_url}/channels/{PRACTICE}", mode="key")

    def _practice_tracker(self) -> Transport:
        return TrackerTransport(PRACTICE, "http", f"{self._practice.server().http_url}/issues", mode="key")
