"""The contract of `ModelPort`, held by the real host and by the twin."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from models.contracts import (
    MESSAGES_MAX,
    TEXT_CHARACTERS_MAX,
    TOKENS_MAX,
    ChatRequest,
    DecideRequest,
    Decision,
    Delta,
    Finished,
    Message,
    ModelPort,
)
from models.errors import CancelledError, ClosedError, RequestTooLargeError, WrongKindError
from models.host import ModelHost
from models.scripted import Scripted

HELLO = (Message("user", "hello"),)
LONG = "word " * 400

Make = Callable[[str], ModelPort]


@pytest.fixture(params=["host", "twin"])
def make(
    request: pytest.FixtureRequest, host_of: Callable[..., ModelHost], tiny_chat: Path, tiny_starter: Path
) -> Make:
    def real(kind: str) -> ModelPort:
        return host_of(tiny_starter if kind == "starter" else tiny_chat)

    def twin(kind: str) -> ModelPort:
        script = [Decision("handoff", 0.9)] * 5 if kind == "starter" else [LONG] * 8
        return Scripted(script, kind="starter" if kind == "starter" else "chat")

    return real if request.param == "host" else twin


def text_of(pieces: list[Delta | Finished]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta))


def test_is_a_model_port(make: Make) -> None:
    model = make("chat")
    assert isinstance(model, ModelPort)
    assert model.info().n_ctx > 0
    assert model.state().phase == "ready"


def test_chat_yields_deltas_in_order_and_one_finished_at_the_end(make: Make) -> None:
    pieces = list(make("chat").chat(ChatRequest(HELLO, max_tokens=12, temperature=0)))
    *deltas, finished = pieces
    assert [piece.index for piece in deltas if isinstance(piece, Delta)] == list(range(len(deltas)))
    assert isinstance(finished, Finished)
    assert finished.reason == "length"
    assert finished.tokens == 12
    assert text_of(pieces)


def test_decide_gives_a_decision(make: Make) -> None:
    decision = make("starter").decide(DecideRequest("email Dana that it is signed"))
    assert decision.outcome in ("called", "answered", "handoff", "clarify")
    assert 0 <= decision.confidence <= 1


def test_cancel_ends_a_running_chat_with_what_had_arrived(make: Make) -> None:
    model = make("chat")
    stream = model.chat(ChatRequest(HELLO, max_tokens=8000, temperature=0))
    first = next(stream)
    assert isinstance(first, Delta)
    threading.Thread(target=model.cancel).start()
    with pytest.raises(CancelledError) as caught:
        for _ in stream:
            pass
    assert caught.value.partial.startswith(first.text)
    assert len(list(model.chat(ChatRequest(HELLO, max_tokens=3, temperature=0)))) == 4


def test_cancel_without_a_request_does_nothing(make: Make) -> None:
    model = make("chat")
    model.info()
    model.cancel()
    assert len(list(model.chat(ChatRequest(HELLO, max_tokens=3, temperature=0)))) == 4


def test_dropping_the_iterator_frees_the_model(make: Make) -> None:
    model = make("chat")
    stream = model.chat(ChatRequest(HELLO, max_tokens=8000, temperature=0))
    next(stream)
    assert model.state().phase == "busy"
    stream.close()  # type: ignore[attr-defined]
    assert model.state().phase == "ready"
    assert len(list(model.chat(ChatRequest(HELLO, max_tokens=3, temperature=0)))) == 4


@pytest.mark.parametrize(
    "request_",
    [
        ChatRequest(()),
        ChatRequest(HELLO * (MESSAGES_MAX + 1)),
        ChatRequest(HELLO, max_tokens=0),
        ChatRequest(HELLO, max_tokens=TOKENS_MAX + 1),
        ChatRequest(HELLO, stop=("",)),
        ChatRequest((Message("user", "a" * TEXT_CHARACTERS_MAX), *HELLO)),
    ],
    ids=["no message", "too many", "no token", "too long an answer", "empty stop", "too much text"],
)
def test_what_is_out_of_bounds_is_refused_before_it_is_sent(make: Make, request_: ChatRequest) -> None:
    with pytest.raises(RequestTooLargeError) as caught:
        list(make("chat").chat(request_))
    assert caught.value.todo


def test_too_long_a_message_is_refused_by_decide(make: Make) -> None:
    with pytest.raises(RequestTooLargeError):
        make("starter").decide(DecideRequest("a" * (TEXT_CHARACTERS_MAX + 1)))


def test_each_kind_refuses_what_it_cannot_do(make: Make) -> None:
    with pytest.raises(WrongKindError):
        make("chat").decide(DecideRequest("hello"))
    with pytest.raises(WrongKindError):
        list(make("starter").chat(ChatRequest(HELLO)))


def test_a_closed_model_says_so(make: Make) -> None:
    model = make("starter")
    model.close()
    model.close()
    assert model.state().phase == "closed"
    with pytest.raises(ClosedError):
        model.decide(DecideRequest("hello"))
    with pytest.raises(ClosedError):
        model.info()


def test_a_listener_hears_where_the_model_stands_now_and_later(make: Make) -> None:
    model = make("chat")
    model.info()
    phases: list[str] = []
    model.listen(lambda state: phases.append(state.phase))
    list(model.chat(ChatRequest(HELLO, max_tokens=2, temperature=0)))
    model.close()
    assert list(dict.fromkeys(phases)) == ["ready", "busy", "closed"]
