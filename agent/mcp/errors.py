"""What can go wrong with another program's tools. One sentence of what, one of where, one of what to do.

McpError
├── AddressRefusedError     an address that is not taken: neither https nor this machine
├── ServerUnreachableError  it could not be started or reached; nothing was asked of it
│   ├── OfflineError            the network is denied
│   ├── ServerMissingError      there is no such program
│   ├── SecretLackingError      a secret that it needs is not there, or is none
│   ├── SignInNeededError       it wants the user to sign in first; nothing was done
│   └── ServerRestingError      it failed too often; left alone for a while
├── PutOffError             it said "later"; nothing was done
├── ToolChangedError        its declaration is not the one that was looked at; nothing was asked
├── CallRefusedError        it answered that it will not
├── SignInFailedError       a sign-in came to nothing; nothing was kept
├── CallCancelledError      the user took the call back; it may have been carried out all the same
└── ServerFailedError       it went silent, died or broke the rules after it was asked: may have happened
    └── SessionGoneError        it does not know the session any more, so it surely did nothing
"""

from agent.errors import CarryonError


class McpError(CarryonError):
    """A server of tools could not do this."""


class AddressRefusedError(McpError):
    """This address is not taken."""

    exit_code = 2


class ServerUnreachableError(McpError):
    """The server could not be started or reached."""


class OfflineError(ServerUnreachableError):
    """The network is not allowed now."""


class ServerMissingError(ServerUnreachableError):
    """There is no such program."""

    exit_code = 2


class SecretLackingError(ServerUnreachableError):
    """A secret that the server needs is not there."""

    exit_code = 2


class SignInNeededError(ServerUnreachableError):
    """The user has to sign in there first. `sign_in`: at which server."""

    exit_code = 2

    def __init__(self, what: str = "", where: str = "", todo: str = "", *, sign_in: str = "") -> None:
        super().__init__(what, where, todo)
        self.sign_in = sign_in


class SignInFailedError(McpError):
    """The sign-in came to nothing."""

    exit_code = 2


class ServerRestingError(ServerUnreachableError):
    """The server failed too often. `after_s`: until it is tried again."""

    def __init__(self, what: str = "", where: str = "", todo: str = "", *, after_s: float = 0.0) -> None:
        super().__init__(what, where, todo)
        self.after_s = after_s


class PutOffError(McpError):
    """The server wants to be asked later. `after_s`: when, if it said."""

    def __init__(self, what: str = "", where: str = "", todo: str = "", *, after_s: float | None = None) -> None:
        super().__init__(what, where, todo)
        self.after_s = after_s


class ToolChangedError(McpError):
    """The tool is not what it was when you looked at it. `now`: the digest that it has, "" where it is gone."""

    exit_code = 2

    def __init__(self, what: str = "", where: str = "", todo: str = "", *, now: str = "") -> None:
        super().__init__(what, where, todo)
        self.now = now


class CallRefusedError(McpError):
    """The server will not do this."""

    exit_code = 2


class CallCancelledError(McpError):
    """The call was taken back."""


class ServerFailedError(McpError):
    """The server failed."""


class SessionGoneError(ServerFailedError):
    """The server does not know this session any more."""
