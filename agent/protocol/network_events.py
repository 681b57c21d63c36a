"""What is known of the network, and what does not come from it. `agent.protocol.events` gives out the first, too."""

from dataclasses import dataclass

from agent.protocol.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityChanged(Event):
    state: str  # offline, degraded, online
    manual: bool
    why: str
    sign_in: bool = False  # the network wants you to sign in first
    sign_in_url: str = ""  # its page where it is known: to be shown, never opened unasked


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStalled(Event):
    """What the turn at hand waits for does not come. `words`: what and why, "" when it goes on or is over; `instead`:
    what the user can have at once, "later", "copy" or ""."""

    words: str
    instead: str = ""
