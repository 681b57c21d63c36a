"""A request of OpenAI's form, read: what is understood, and in which words the rest is refused."""

import copy
from typing import Any

import pytest

from app.serve.asked import TEXTS_MAX, read_chat, read_vectors
from app.serve.errors import Refusal
from models.contracts import (
    CALLS_MAX,
    MESSAGES_MAX,
    SCHEMA_CHARACTERS_MAX,
    STOPS_MAX,
    TEXT_CHARACTERS_MAX,
    TOKENS_MAX,
    ChatTool,
    Message,
    ToolCall,
)

HI = {"role": "user", "content": "hi"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "The weather.", "parameters": SCHEMA}}
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}


def chat(**body: Any) -> Any:
    return read_chat({"model": "parrot", "messages": [HI], **body})


def refused(body: Any, read: Any = read_chat) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(body)
    assert caught.value.status == 400
    return caught.value


def test_a_conversation_with_calls_keeps_their_ids() -> None:
    said = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Weather"}, {"type": "text", "text": "in Rome?"}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
    ]
    assert chat(messages=said).request.messages == (
        Message("system", "Be brief."),
        Message("user", "Weather\nin Rome?"),
        Message("assistant", "", (ToolCall("c1", "weather", {"city": "Rome"}),)),
        Message("tool", "sunny", answers="c1"),
    )


def test_tools_and_choices() -> None:
    other = {"type": "function", "function": {"name": "time.now"}}
    weather, now = (
        ChatTool("weather", "The weather.", SCHEMA),
        ChatTool("time.now", "", {"type": "object", "properties": {}}),
    )
    assert chat(tools=[WEATHER, other]).request.tools == (weather, now)
    assert [chat(tools=[WEATHER], tool_choice=choice).request.tool_choice for choice in (None, "none", "required")] == [
        "auto", "none", "required",
    ]  # fmt: skip
    named = chat(tools=[WEATHER, other], tool_choice={"type": "function", "function": {"name": "time.now"}}).request
    assert (named.tools, named.tool_choice) == ((now,), "required")
    assert chat(parallel_tool_calls=False).one_call


def test_the_form_of_an_answer() -> None:
    assert chat(response_format={"type": "text"}).request.schema is None
    assert chat(response_format={"type": "json_object"}).request.schema == {"type": "object"}
    form = {"type": "json_schema", "json_schema": {"name": "place", "strict": True, "schema": SCHEMA}}
    assert chat(response_format=form).request.schema == SCHEMA


def test_what_is_left_out_has_a_default_and_null_counts_as_left_out() -> None:
    plain = chat()
    assert (plain.request.max_tokens, plain.request.temperature, plain.request.stop) == (TOKENS_MAX, 0.7, ())
    assert (plain.stream, plain.usage, plain.one_call, plain.ignored) == (False, False, False, ())
    nulls = chat(max_tokens=None, temperature=None, stop=None, tools=None, stream=None, seed=None, n=None)
    assert nulls.request.max_tokens == TOKENS_MAX


def test_two_requests_without_a_seed_differ() -> None:
    assert len({chat().request.seed for _ in range(5)}) > 1
    assert chat(seed=7).request.seed == 7


def test_the_newer_name_of_the_limit_counts_and_more_than_is_ever_given_is_no_limit() -> None:
    assert chat(max_tokens=5, max_completion_tokens=9).request.max_tokens == 9
    assert chat(max_tokens=10**9).request.max_tokens == TOKENS_MAX


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("messages", None, "at least one"),
        ("messages", [], "at least one"),
        ("messages", {}, "must be a list"),
        ("messages", [HI] * (MESSAGES_MAX + 1), "is the most"),
        ("temperature", 3, "0 to 2"),
        ("temperature", "hot", "0 to 2"),
        ("temperature", True, "0 to 2"),
        ("max_tokens", 0, "at least 1"),
        ("max_completion_tokens", -1, "at least 1"),
        ("max_tokens", 1.5, "whole number"),
        ("seed", "x", "whole number"),
        ("stop", [""], "1 to 500"),
        ("stop", ["x"] * (STOPS_MAX + 1), "is the most"),
        ("stop", "x" * 501, "1 to 500"),
        ("stop", 5, "must be a list"),
        ("n", 2, "must be 1"),
        ("logprobs", True, "cannot be told"),
        ("modalities", ["text", "audio"], "only be text"),
        ("functions", [{}], "Use tools"),
        ("function_call", "auto", "Use tool_choice"),
        ("model", 5, "must be a text"),
        ("stream", "yes", "true or false"),
        ("stream_options", [], "must be an object"),
        ("tools", [WEATHER, WEATHER], "different names"),
        ("tool_choice", "maybe", "auto, none, required"),
        ("tool_choice", "required", "no tools"),
        ("tool_choice", {"type": "function", "function": {"name": "x"}}, "among the tools"),
        ("response_format", {"type": "xml"}, "json_schema"),
        ("response_format", {"type": "json_schema"}, "is missing"),
        ("response_format", {"type": "json_schema", "json_schema": {"name": "x"}}, "is missing"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any, words: str) -> None:
    said = refused({"messages": [HI], field: value})
    assert (said.param or "").startswith(field)
    assert words in said.document()["error"]["message"]


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ("hi", "messages[0]"),
        ({"content": "hi"}, "messages[0].role"),
        ({"role": "function", "content": "hi"}, "messages[0].role"),
        ({"role": "user"}, "messages[0].content"),
        ({"role": "user", "content": 5}, "messages[0].content"),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]},
            "messages[0].content[0].type",
        ),
        ({"role": "user", "content": ["hi"]}, "messages[0].content[0]"),
        ({"role": "tool", "content": "sunny", "tool_call_id": "c9"}, "messages[0].tool_call_id"),
        ({"role": "assistant", "tool_calls": [CALL] * (CALLS_MAX + 1)}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": [{"id": "c1"}]}, "messages[0].tool_calls[0].function"),
    ],
)
def test_a_wrong_message_is_named_by_its_place(message: Any, where: str) -> None:
    assert refused({"messages": [message]}).param == where


@pytest.mark.parametrize("arguments", ["{", "[]", "5", "null", "[" * 100_000])
def test_arguments_of_an_earlier_call_are_an_object(arguments: str) -> None:
    call = copy.deepcopy(CALL)
    call["function"]["arguments"] = arguments  # type: ignore[index]
    said = refused({"messages": [{"role": "assistant", "tool_calls": [call]}]})
    assert said.param == "messages[0].tool_calls[0].function.arguments"


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "a/b", "é"])
def test_a_tool_has_a_plain_name(name: str) -> None:
    said = refused({"messages": [HI], "tools": [{"type": "function", "function": {"name": name}}]})
    assert said.param == "tools[0].function.name"


def test_a_schema_has_a_bound() -> None:
    large = {"type": "object", "description": "x" * SCHEMA_CHARACTERS_MAX}
    tool = {"type": "function", "function": {"name": "x", "parameters": large}}
    assert refused({"messages": [HI], "tools": [tool]}).param == "tools[0].function.parameters"
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": large}}
    assert refused({"messages": [HI], "response_format": form}).param == "response_format.json_schema.schema"


@pytest.mark.parametrize("body", [None, [], "hi", 5])
def test_a_request_is_an_object(body: Any) -> None:
    assert "must be an object" in refused(body).what
    assert "must be an object" in refused(body, read_vectors).what


def test_texts_for_vectors() -> None:
    assert read_vectors({"input": "sea"}).texts == ("sea",)
    asked = read_vectors({"model": "parrot", "input": ["sea", "land"], "encoding_format": "base64"})
    assert (asked.model, asked.texts, asked.base64) == ("parrot", ("sea", "land"), True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("input", None), ("input", []), ("input", [""]), ("input", "  "), ("input", [1, 2]), ("input", [[1]]),
        ("input", ["x"] * (TEXTS_MAX + 1)), ("input", "x" * (TEXT_CHARACTERS_MAX + 1)), ("dimensions", 5),
        ("encoding_format", "int8"),
    ],
)  # fmt: skip
def test_a_wrong_wish_for_vectors_is_named(field: str, value: Any) -> None:
    assert refused({"input": "sea", field: value}, read_vectors).param == field
