"""Questions of servers, put to the user while a call waits. Asked on the server's own thread, answered from the
window's; bounded in time: no answer is a no."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any

from agent.protocol.commands import new_id
from agent.protocol.events import Event
from agent.protocol.server_events import ServerAsked, ServerQuestionClosed
from agent.protocol.server_records import QuestionField, ServerQuestion
from sync.steering import on_one_line, shown

if TYPE_CHECKING:
    from agent.mcp.handlers import Field, Question

ASK_SECONDS_MAX = 300.0
QUESTIONS_MAX = 4  # at once, of all servers
Values = Mapping[str, Any] | None
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


class ServerQuestions:
    def __init__(self, emit: Callable[[Event], None], seconds_max: float = ASK_SECONDS_MAX) -> None:
        self._emit = emit
        self._seconds_max = seconds_max
        self._lock = threading.Lock()
        self._open: dict[str, Future[Values]] = {}

    def ask(self, question: "Question") -> Values:
        """On the server's thread, which waits."""
        fields = tuple(map(_asked_for, question.fields))
        asked = ServerQuestion(new_id(), question.server, shown(question.text), fields)
        answer: Future[Values] = Future()
        with self._lock:
            if len(self._open) >= QUESTIONS_MAX:
                return None
            self._open[asked.id] = answer
        self._emit(ServerAsked(question=asked))
        try:
            return _typed(question.fields, answer.result(self._seconds_max))
        except (TimeoutError, CancelledError):
            return None
        finally:
            with self._lock:
                self._open.pop(asked.id, None)
            self._emit(ServerQuestionClosed(question_id=asked.id))

    def answer(self, question_id: str, values: Values) -> None:
        """From any thread; one that came too late is of no use."""
        with self._lock:
            waiting = self._open.pop(question_id, None)
        if waiting is not None:
            waiting.set_result(values)

    def decline_all(self) -> None:
        with self._lock:
            waiting, self._open = list(self._open.values()), {}
        for one in waiting:
            one.set_result(None)


def _asked_for(field: "Field") -> QuestionField:
    """In the server's words, with what is unseen in them made visible; what goes back stays as the server wrote it."""
    faces = _faces(field.choices)
    return QuestionField(
        field.name, field.kind, shown(field.title or field.name), shown(field.about), field.required, tuple(faces),
        _default_face(field, faces),
    )  # fmt: skip


def _default_face(field: "Field", faces: Mapping[str, str]) -> str:
    default = "" if field.default is None else str(field.default)
    return next((face for face, choice in faces.items() if choice == default), on_one_line(default))


def _faces(choices: tuple[str, ...]) -> dict[str, str]:
    """What is shown of each choice, to what the server wrote. Those that look the same are told apart by a number."""
    faces: dict[str, str] = {}
    for number, choice in enumerate(choices, 1):
        face = on_one_line(choice)
        faces[f"{face} ({number})" if face in faces else face] = choice
    return faces


def _typed(fields: "tuple[Field, ...]", values: Values) -> Values:
    """Texts as the kinds that were asked for; what does not fit is left as it is, and refused by whoever checks it."""
    if values is None:
        return None
    known = {field.name: field for field in fields}
    return {
        name: _value(known[name], value) if name in known else value
        for name, value in values.items()
        if value not in ("", None)
    }


def _value(field: "Field", value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if field.kind == "choice":
        return _faces(field.choices).get(value, value)
    if field.kind == "text":
        return field.default if value == _default_face(field, {}) else value
    word = value.strip().casefold()
    if field.kind == "yes_no":
        return word in _YES if word in (*_YES, *_NO) else value
    try:
        return int(word) if field.kind == "whole" else float(word)
    except ValueError:
        return value
