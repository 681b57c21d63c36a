"""What can go wrong with a model, in words for the user.

ModelError                  what, where, todo, exit code
├── ModelFileBadError       2  not a GGUF that can be used
├── ModelTooLargeError      2  this machine has not enough memory for it
├── UnknownModelError       2  no model of that name
├── CatalogBadError         2  the list of models cannot be read
├── ContractBadError        2  what a product promises leaves something open, or cannot be read
├── MeasuresBadError        2  what was measured on this machine cannot be read or kept
├── WrongKindError          2  this model does not do that
├── RequestTooLargeError    2  more text than may be sent
├── ContextFullError        2  the conversation is longer than the model can read
├── TemplateError           2  the model file's own chat template fails
├── DownloadError           3  the file could not be fetched whole
│   ├── AddressBadError     2  there is nothing to fetch at such an address
│   └── NewVersionError     3  its publisher has exchanged it since it was first fetched
├── WorkerDiedError         3  the process that computes stopped; `partial` holds the text that had arrived
│   └── WorkerHungError     3  it no longer answered and was stopped
├── CancelledError          3  the request was cancelled
└── ClosedError             3  the model was closed
"""

from __future__ import annotations

from typing import Any

INVALID, BROKEN = 2, 3  # exit codes of the command line


class ModelError(Exception):
    """Something is wrong with a model."""

    exit_code = BROKEN

    def __init__(self, what: str, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(" ".join(part for part in (what, where and f"({where})", todo) if part))

    def record(self) -> dict[str, Any]:
        """As it crosses the pipe."""
        return {"type": type(self).__name__, "what": self.what, "where": self.where, "todo": self.todo}


class ModelFileBadError(ModelError):
    exit_code = INVALID


class ModelTooLargeError(ModelError):
    exit_code = INVALID


class UnknownModelError(ModelError):
    exit_code = INVALID


class CatalogBadError(ModelError):
    exit_code = INVALID


class ContractBadError(ModelError):
    exit_code = INVALID


class MeasuresBadError(ModelError):
    exit_code = INVALID


class WrongKindError(ModelError):
    exit_code = INVALID


class RequestTooLargeError(ModelError):
    exit_code = INVALID


class ContextFullError(ModelError):
    """`used` and `limit` are tokens: what the request needs at least, and what the model can hold."""

    exit_code = INVALID

    def __init__(self, what: str, where: str = "", todo: str = "", *, used: int = 0, limit: int = 0) -> None:
        super().__init__(what, where, todo)
        self.used = used
        self.limit = limit

    def record(self) -> dict[str, Any]:
        return {**super().record(), "used": self.used, "limit": self.limit}


class TemplateError(ModelError):
    exit_code = INVALID


class DownloadError(ModelError):
    pass


class AddressBadError(DownloadError):
    exit_code = INVALID


class NewVersionError(DownloadError):
    pass


class WorkerDiedError(ModelError):
    """`restarted`: a new worker is on its way, so that asking again will work; `partial`: text that had arrived."""

    def __init__(
        self, what: str, where: str = "", todo: str = "", *, restarted: bool = False, partial: str = ""
    ) -> None:
        super().__init__(what, where, todo)
        self.restarted = restarted
        self.partial = partial


class WorkerHungError(WorkerDiedError):
    pass


class CancelledError(ModelError):
    """`partial`: text that had arrived."""

    def __init__(self, partial: str = "") -> None:
        super().__init__("Stopped, as you asked.", todo="What had arrived is kept.")
        self.partial = partial


class ClosedError(ModelError):
    def __init__(self) -> None:
        super().__init__("The model was closed.", todo="Choose a model to go on.")


_OVER_THE_PIPE: dict[str, type[ModelError]] = {
    kind.__name__: kind
    for kind in (
        ModelFileBadError,
        ModelTooLargeError,
        WrongKindError,
        RequestTooLargeError,
        ContextFullError,
        TemplateError,
    )
}


def from_record(record: dict[str, Any]) -> ModelError:
    """The error that a worker reported. Anything it may not report becomes a plain ModelError."""
    words = [str(record.get(key, "")) for key in ("what", "where", "todo")]
    kind = _OVER_THE_PIPE.get(str(record.get("type")), ModelError)
    if kind is ContextFullError:
        used, limit = (int(record.get(key, 0)) for key in ("used", "limit"))
        return ContextFullError(*words, used=used, limit=limit)
    return kind(*words)
