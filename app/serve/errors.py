"""What is told to a program that asked: OpenAI's form of an error, in words that say what to do."""

from __future__ import annotations

from typing import Any

from agent.errors import CarryonError
from models.errors import (
    CancelledError,
    CatalogBadError,
    ClosedError,
    ContextFullError,
    ModelError,
    ModelFileBadError,
    RequestTooLargeError,
    TemplateError,
    UnknownModelError,
    WorkerDiedError,
    WrongKindError,
)

AGAIN_S = 2  # after a worker was replaced, or while this server closes

# Status and code of a model's errors, the first that fits.
_OF_MODELS: tuple[tuple[type[ModelError], int, str], ...] = (
    (UnknownModelError, 404, "model_not_found"),
    (ContextFullError, 400, "context_length_exceeded"),
    (WrongKindError, 400, "model_cannot_do_that"),
    (RequestTooLargeError, 400, "request_out_of_bounds"),
    (TemplateError, 400, "chat_template_fails"),
    (ModelFileBadError, 400, "model_file_unusable"),
    (CatalogBadError, 500, "model_list_unreadable"),
    (WorkerDiedError, 503, "model_stopped"),
    (CancelledError, 503, "stopped"),
    (ClosedError, 503, "closing"),
    (ModelError, 500, "model_failed"),
)


class Refusal(Exception):  # noqa: N818  it is an answer
    """A request that is answered with an error. `param`: the field that it is about; `after_s`: worth another try."""

    def __init__(
        self, status: int, what: str, *, todo: str = "", code: str = "", param: str | None = None, after_s: int = 0
    ) -> None:
        self.status = status
        self.what = what
        self.todo = todo
        self.code = code
        self.param = param
        self.after_s = after_s
        super().__init__(what)

    def document(self) -> dict[str, Any]:
        words = " ".join(part for part in (self.what, self.todo) if part)
        return {"error": {"message": words, "type": _kind(self.status), "param": self.param, "code": self.code or None}}

    def headers(self) -> dict[str, str]:
        headers = {"retry-after": str(self.after_s)} if self.after_s else {}
        return {**headers, "www-authenticate": "Bearer"} if self.status == 401 else headers


def _kind(status: int) -> str:
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    return kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")


def refusal_of(error: Exception) -> Refusal | None:
    """The answer to an error that is known; None for one that nobody foresaw."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, ModelError):
        status, code = next((status, code) for kind, status, code in _OF_MODELS if isinstance(error, kind))
        what = f"{error.what} ({error.where})" if error.where else error.what
        param = "model" if status == 404 else None
        return Refusal(status, what, todo=error.todo, code=code, param=param, after_s=AGAIN_S * (status == 503))
    if isinstance(error, CarryonError):
        return Refusal(500, error.what, todo=error.todo, code="carryon_failed")
    return None
