"""Transports for the accounts beside mail: a calendar, a folder, a clone, and the actions of the user's own. Nothing of
one is imported before something is delivered through it.
"""

import os
from collections.abc import Callable, Mapping
from typing import TypeVar

from agent.agentrc.references import is_reference, keyring_get, resolve_secret
from agent.agentrc.settings import Account, Place, Settings
from sync.transports.attached import Shelf
from sync.transports.dav import DavAccount
from sync.transports.imap import ImapAccount, ImapSent
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Transport

SET_UP = "Describe it in ~/.agentrc (Settings shows how), or try it with the practice destinations."
Entry = TypeVar("Entry")
Maker = Callable[[str, Settings], Transport]


class Elsewhere:
    def __init__(self, clock: Callable[[], float], shelf: Shelf | None) -> None:
        self._clock = clock
        self._shelf = shelf

    def makers(self) -> Mapping[str, Maker]:
        """By the kind that a destination's name begins with."""
        return {"caldav": self._calendar, "webdav": self._share, "git": self._clone, "action": self._action}

    def _calendar(self, name: str, settings: Settings) -> Transport:
        from sync.transports.caldav import CalDav

        place = entry_named(settings.calendars, name, "calendar")
        return CalDav(_dav(place), calendar=place.calendar, clock=self._clock)

    def _share(self, name: str, settings: Settings) -> Transport:
        from sync.transports.webdav import WebDav

        return WebDav(_dav(entry_named(settings.shares, name, "folder")), shelf=self._shelf, clock=self._clock)

    @staticmethod
    def _clone(name: str, settings: Settings) -> Transport:
        from sync.transports.git import Clone, GitPush

        return GitPush(Clone(name, entry_named(settings.clones, name, "clone").path))

    def _action(self, name: str, settings: Settings) -> Transport:
        from agent.tools.actions import declared
        from sync.transports.action import HttpAction

        return HttpAction(declared(entry_named(settings.actions, name, "action")), clock=self._clock)


def sent_folder(account: Account) -> ImapSent | None:
    """Where what that account sent can be looked up."""
    if account.imap is None or account.user is None:
        return None
    box, secret = account.imap, secret_of(account.secret)
    return ImapSent(ImapAccount(account.name, box.host, box.port, box.security, account.user, secret, box.sent))


def entry_named(entries: Mapping[str, Entry], name: str, what: str) -> Entry:
    if name not in entries:
        raise NotConfiguredError(f"There is no {what} named {name}.", "~/.agentrc", SET_UP)
    return entries[name]


def address_of(text: str) -> str:
    """An address, or the secret that holds it."""
    return (secret_of(text) or "") if is_reference(text) else text


def secret_of(reference: str | None) -> str | None:
    if reference is None:
        return None
    return resolve_secret(reference, os.environ, keyring_get)


def _dav(place: Place) -> DavAccount:
    return DavAccount(place.name, address_of(place.url), place.user, secret_of(place.secret))
