"""What the user decides about the network, also while something waits for it; and what the system believes of it."""

from dataclasses import dataclass

from agent.protocol.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOffline(Command):
    """The manual switch."""

    offline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNetworkHint(Command):
    """What the system believes about network and battery; a hint, never the truth. None: it does not know."""

    reachable: bool | None
    metered: bool | None = None  # the connection costs by the byte
    low_battery: bool | None = None  # and nothing charges it
    moved: bool = False  # another network than before: what was learned of the old one counts no more


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOffAttempt(Command):
    """No more waiting for what does not come: a kept copy, or it is asked once there is a better network. Handled out
    of turn, as the turn waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitSignIn(Command):
    """The user has opened the network's sign-in page: what waits is tried again soon, for two minutes."""
