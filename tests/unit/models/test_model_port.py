"""The contract of `ModelPort`, held by the real host and by the twin."""

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from models.contracts import (
    CALLS_MAX,
    CHAT_TOOLS_MAX,
    MESSAGES_MAX,
    SCHEMA_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    TOKENS_MAX,
    Called,
    ChatRequest,
    ChatTool,
    DecideRequest,
    Decision,
    Delta,
    Finished,
    Message,
    ModelPort,
    ToolCall,
)
from models.dialects.checking import whats_wrong
from models.errors import CancelledError, ClosedError, RequestTooLargeError, WrongKindError
from models.host import ModelHost
from models.scripted import Entry, Says, Scripted

HELLO = (Message("user", "hello"),)
LONG = "word " * 400
SWITCH = ChatTool(
    "lamp.switch", "Switches a lamp.",
    {
        "type": "object", "required": ["on"],
        "properties": {"on": {"type": "boolean"}, "room": {"enum": ["hall", "attic"]}},
    },
)  # fmt: skip
CALLING = ChatRequest(HELLO, max_tokens=7000, temperature=0, tools=(SWITCH,), tool_choice="required")
CALLED = Says("", (ToolCall("abcdefgh1", "lamp.switch", {"on": True}),))

Make = Callable[..., ModelPort]


@pytest.fixture(params=["host", "twin"])
def make(
    request: pytest.FixtureRequest, host_of: Callable[..., ModelHost], tiny_chat: Path, tiny_starter: Path
) -> Make:
    def real(kind: str, script: list[Entry] | None = None) -> ModelPort:
        return host_of(tiny_starter if kind == "starter" else tiny_chat)

    def twin(kind: str, script: list[Entry] | None = None) -> ModelPort:
        usual: list[Entry] = [Decision("handoff", 0.9)] * 5 if kind == "starter" else [LONG] * 8
        return Scripted(script or usual, kind="starter" if kind == "starter" else "chat")

    return real if request.param == "host" else twin


def nested(depth: int) -> object:
    return [nested(depth - 1)] if depth else 1


def text_of(pieces: list[Delta | Called | Finished]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta))


def tokens_of(answer: Iterable[Delta | Called | Finished]) -> int:
    *_, finished = answer
    assert isinstance(finished, Finished)
    return finished.tokens


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


def test_a_call_comes_with_its_tools_name_and_arguments_that_fit(make: Make) -> None:
    pieces = list(make("chat", [CALLED]).chat(CALLING))
    calls = [piece.call for piece in pieces if isinstance(piece, Called)]
    assert calls
    assert [whats_wrong(call.name, call.arguments, {SWITCH.name: SWITCH}) for call in calls] == [None] * len(calls)
    assert len({call.id for call in calls}) == len(calls) <= CALLS_MAX
    finished = pieces[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "calls"
    assert [piece for piece in pieces if isinstance(piece, Finished)] == [finished]


def test_the_result_of_a_call_can_be_given_back(make: Make) -> None:
    model = make("chat", [CALLED, LONG])
    (first, *_) = [piece.call for piece in model.chat(CALLING) if isinstance(piece, Called)]
    talk = (*HELLO, Message("assistant", "", (first,)), Message("tool", "it is on", answers=first.id))
    pieces = list(model.chat(ChatRequest(talk, max_tokens=5, temperature=0, tools=(SWITCH,))))
    assert text_of(pieces)
    assert isinstance(pieces[-1], Finished)
    assert pieces[-1].reason == "length"


def test_nothing_is_called_where_that_is_not_wanted(make: Make) -> None:
    pieces = list(make("chat").chat(ChatRequest(HELLO, 12, 0, tools=(SWITCH,), tool_choice="none")))
    assert not [piece for piece in pieces if isinstance(piece, Called)]


def test_an_answer_can_be_held_to_a_form(make: Make) -> None:
    schema = {"type": "object", "properties": {"kind": {"enum": ["sea", "land"]}}, "required": ["kind"]}
    pieces = list(make("chat", ['{"kind": "sea"}']).chat(ChatRequest(HELLO, 400, 0, schema=schema)))
    assert json.loads(text_of(pieces))["kind"] in ("sea", "land")


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
    assert tokens_of(model.chat(ChatRequest(HELLO, max_tokens=3, temperature=0))) == 3


def test_cancel_without_a_request_does_nothing(make: Make) -> None:
    model = make("chat")
    model.info()
    model.cancel()
    assert tokens_of(model.chat(ChatRequest(HELLO, max_tokens=3, temperature=0))) == 3


def test_dropping_the_iterator_frees_the_model(make: Make) -> None:
    model = make("chat")
    stream = model.chat(ChatRequest(HELLO, max_tokens=8000, temperature=0))
    next(stream)
    assert model.state().phase == "busy"
    stream.close()  # type: ignore[attr-defined]
    assert model.state().phase == "ready"
    assert tokens_of(model.chat(ChatRequest(HELLO, max_tokens=3, temperature=0))) == 3


@pytest.mark.parametrize(
    "request_",
    [
        ChatRequest(()),
        ChatRequest(HELLO * (MESSAGES_MAX + 1)),
        ChatRequest(HELLO, max_tokens=0),
        ChatRequest(HELLO, max_tokens=TOKENS_MAX + 1),
        ChatRequest(HELLO, stop=("",)),
        ChatRequest((Message("user", "a" * TEXT_CHARACTERS_MAX), *HELLO)),
        ChatRequest(HELLO, tools=tuple(ChatTool(f"t{n}", "") for n in range(CHAT_TOOLS_MAX + 1))),
        ChatRequest(HELLO, tool_choice="required"),
        ChatRequest(HELLO, tools=(ChatTool("a b", ""),)),
        ChatRequest(HELLO, tools=(ChatTool("", ""),)),
        ChatRequest(HELLO, tools=(SWITCH, SWITCH)),
        ChatRequest(HELLO, tools=(ChatTool("a", "", {"x": "y" * SCHEMA_CHARACTERS_MAX}),)),
        ChatRequest(HELLO, tools=(ChatTool("a", "", {"x": object()}),)),
        ChatRequest(HELLO, tools=(ChatTool("a", "", {"x": float("nan")}),)),
        ChatRequest(HELLO, tools=(ChatTool("a", "x" * (TEXT_CHARACTERS_MAX + 1)),)),
        ChatRequest(HELLO, schema={"x": nested(100)}),
        ChatRequest((Message("assistant", "", (ToolCall("x", "a", {}),) * (CALLS_MAX + 1)), *HELLO)),
        ChatRequest((Message("assistant", "", (ToolCall("x", "a", {"b": "c" * TEXT_CHARACTERS_MAX}),)), *HELLO)),
    ],
    ids=["no message", "too many", "no token", "too long an answer", "empty stop", "too much text", "too many tools",
         "no tool to call", "a blank in a name", "no name", "twice the same", "too large a schema", "no JSON",
         "no number", "too long a description", "too deep", "too many calls", "too long a call"],
)  # fmt: skip
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
