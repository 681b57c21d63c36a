"""What the dispatcher reports, in the past tense. The core turns these into its own events."""

from dataclasses import dataclass

from sync.item import Item


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """The item as it stands on disk now."""

    item: Item


@dataclass(frozen=True, slots=True)
class ConnectivityChanged:
    state: str  # offline, degraded, online
    manual: bool  # the user's own switch
    why: str  # words for the user
    sign_in: bool = False  # the network wants a sign-in
    sign_in_url: str = ""  # its page where it is known: to be shown, never opened unasked


@dataclass(frozen=True, slots=True)
class DispatcherFailed:
    """A pass of the dispatcher broke (a full disk, a damaged file). It goes on; nothing was lost."""

    what: str
    where: str
    todo: str


Event = ItemChanged | ConnectivityChanged | DispatcherFailed
