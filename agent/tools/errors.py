"""What can go wrong with a tool.

    BadRequestError
    ├── ToolUnknownError        no tool of that name
    ├── ToolUndeclaredError     a declaration with a gap, or a name taken: the tool does not register
    ├── ToolArgumentBad         an argument is missing, unknown, too long or not what it should be
    └── ToolRefusedError        the tool understood and may not, or cannot, do it (a path outside, a page too large)
        └── NoFileError         the path is inside the allowed folders and nothing is there

    BrokenError
    ├── AwayError               what was asked could not be reached now; a later try may do it
    ├── MayHaveHappenedError    another program was asked to do something, and no answer came
    ├── TakenBackError          the user wanted no more of it
    └── NotKeptError            the disk did not take the copy of what was fetched

None of these loses what the user wrote: the message is on the disk before a tool runs.
"""

from agent.errors import BadRequestError, BrokenError


class ToolUnknownError(BadRequestError):
    """There is no such tool."""


class ToolUndeclaredError(BadRequestError):
    """This tool does not say enough about itself."""


class ToolArgumentBad(BadRequestError):  # noqa: N818  the name that callers and the command line know
    """An argument does not fit."""


class ToolRefusedError(BadRequestError):
    """The tool may not or cannot do this."""


class NoFileError(ToolRefusedError):
    """There is no such file in the folders that Carryon may read."""


class AwayError(BrokenError):
    """It could not be reached now; a later try may do it."""


class MayHaveHappenedError(BrokenError):
    """It may have been done: no answer came."""


class TakenBackError(BrokenError):
    """The user took it back while it went on."""


class NotKeptError(BrokenError):
    """The disk did not take the copy of what was fetched."""
