"""What can come of one delivery, besides a Receipt. The class alone decides what happens to the item.

DeliveryError
├── NotConfiguredError   there is no account to send with: stays queued, says what to set up
├── UnreachableError     surely not sent: stays queued, tried again
├── RetryableError       the destination put it off and surely did not do it: failed, tried again
│   └── SignInError          somebody stands before the destination and wants a sign-in: stays queued, tried again
├── ChangedError         the world is no longer what it was decided on; nothing was sent: conflict, the user decides
├── RejectedError        the destination said no, or the item cannot be sent as it is: rejected
└── UncertainError       may have happened: tried again under the same key where the destination recognises it or
                         can be asked, else unknown
"""

from collections.abc import Mapping
from typing import Any

from sync.errors import INVALID, SyncError


class DeliveryError(SyncError):
    """The delivery did not end with a receipt."""


class NotConfiguredError(DeliveryError):
    """No account is set up for this."""

    exit_code = INVALID


class UnreachableError(DeliveryError):
    """The destination could not be reached; nothing was sent."""


class RetryableError(DeliveryError):
    """The destination asked to try later. `after_s`: how long it wants to be left alone."""

    def __init__(self, what: str = "", where: str = "", todo: str = "", *, after_s: float | None = None) -> None:
        super().__init__(what, where, todo)
        self.after_s = after_s


class SignInError(RetryableError):
    """The network wants you to sign in first; nothing reached the destination. `url`: of the sign-in page where it is
    known, only to be shown; `sure`: it said so, it is not only what a wrong certificate suggests."""

    def __init__(self, what: str = "", where: str = "", todo: str = "", *, url: str = "", sure: bool = True) -> None:
        super().__init__(what, where, todo)
        self.url = url
        self.sure = sure


class ChangedError(DeliveryError):
    """It was decided on something that is no longer so; nothing was sent. `then` and `now`: both sides, in words for
    the user; `basis`: what the item stands on if the user says "send it all the same"."""

    def __init__(
        self, what: str = "", where: str = "", todo: str = "", *,
        then: str = "", now: str = "", basis: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(what, where, todo)
        self.then = then
        self.now = now
        self.basis = basis


class RejectedError(DeliveryError):
    """The destination did not accept it."""


class UncertainError(DeliveryError):
    """It may have arrived. `answered`: somebody there did answer, so the network is not to blame; `page`: a web page
    came, so the network may want a sign-in."""

    def __init__(
        self, what: str = "", where: str = "", todo: str = "", *, answered: bool = False, page: bool = False
    ) -> None:
        super().__init__(what, where, todo)
        self.answered = answered
        self.page = page
