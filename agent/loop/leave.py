"""Leaving a turn on purpose is a small exception that carries its own record."""

from agent.protocol.records import AnswerLabel


class LeaveTurnError(Exception):
    """Ends a turn early. `why` is shown to the user; `said` is the text that had already arrived; nothing is lost."""

    def __init__(self, why: str, *, said: str = "", label: AnswerLabel | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.said = said
        self.label = label


class CancelledByUserError(LeaveTurnError):
    """The user pressed Stop."""


class TooLongError(LeaveTurnError):
    """The model cannot hold what it was given; how many tokens that was has been learned."""


class ModelGoneError(LeaveTurnError):
    """The model stopped and could not be brought back in time."""
