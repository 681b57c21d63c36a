"""What a model says, in OpenAI's words: checked against the official client's own records."""

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from app.serve.errors import refusal_of
from app.serve.offers import Offer
from app.serve.told import Telling
from models import errors
from models.contracts import Called, Delta, Finished, FinishReason, ToolCall

OFFER = Offer("parrot", "parrot", True, "ab" * 32)
ROME, OSLO = ToolCall("c1", "weather", {"city": "Rom é"}), ToolCall("c2", "weather", {"city": "Oslo"})
END = Finished("calls", 9, 20, 5, 1.0, 2.0)


def whole(*pieces: Any, **options: Any) -> ChatCompletion:
    telling = Telling(OFFER, 1, **options)
    for piece in pieces:
        telling.take(piece)
    return ChatCompletion.model_validate(telling.whole())


def chunks(*pieces: Any, **options: Any) -> list[ChatCompletionChunk]:
    telling = Telling(OFFER, 1, **options)
    return [ChatCompletionChunk.model_validate(chunk) for piece in pieces for chunk in telling.chunks(piece)]


def test_calls_of_a_whole_answer() -> None:
    (choice,) = whole(Called(ROME), Called(OSLO), END).choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    calls = choice.message.tool_calls or []
    assert [(call.id, call.type) for call in calls] == [("c1", "function"), ("c2", "function")]
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Rom é"}, {"city": "Oslo"}]  # type: ignore[union-attr]


def test_text_beside_a_call_stays() -> None:
    assert whole(Delta(0, "Let me see."), Called(ROME), END).choices[0].message.content == "Let me see."


def test_calls_of_a_stream_are_counted_and_each_comes_whole() -> None:
    told = chunks(Delta(0, "Let me see."), Called(ROME), Called(OSLO), END)
    calls = [call for chunk in told for call in chunk.choices[0].delta.tool_calls or []]
    assert [(call.index, call.id, call.function and call.function.name) for call in calls] == [
        (0, "c1", "weather"), (1, "c2", "weather"),
    ]  # fmt: skip
    assert told[-1].choices[0].finish_reason == "tool_calls"


def test_where_one_call_is_wanted_the_others_are_left_out() -> None:
    assert len(whole(Called(ROME), Called(OSLO), END, one_call=True).choices[0].message.tool_calls or []) == 1
    told = chunks(Called(ROME), Called(OSLO), END, one_call=True)
    assert sum(bool(chunk.choices[0].delta.tool_calls) for chunk in told) == 1


@pytest.mark.parametrize(
    ("reason", "told"), [("stop", "stop"), ("length", "length"), ("context", "length"), ("calls", "tool_calls")]
)
def test_reasons(reason: FinishReason, told: str) -> None:
    assert whole(Finished(reason, 1, 1, 0, 0, 0)).choices[0].finish_reason == told


def test_usage_tells_what_did_not_have_to_be_read_again() -> None:
    usage = whole(END).usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens) == (20, 9, 5)


def test_an_answer_names_its_model_and_the_weights_behind_it() -> None:
    answer = whole(END)
    assert (answer.model, answer.system_fingerprint) == ("parrot", "fp_abababababab")


def kinds(kind: type[errors.ModelError]) -> list[type[errors.ModelError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in kinds(child))]


@pytest.mark.parametrize("kind", kinds(errors.ModelError))
def test_every_error_of_a_model_has_an_answer_in_words(kind: type[errors.ModelError]) -> None:
    error = kind() if kind in (errors.ClosedError, errors.CancelledError) else kind("It broke.", "there", "Mend it.")
    refusal = refusal_of(error)
    assert refusal is not None
    assert refusal.code
    assert error.what in refusal.document()["error"]["message"]
    assert error.todo in refusal.document()["error"]["message"]
    assert bool(refusal.headers().get("retry-after")) == (refusal.status == 503)
