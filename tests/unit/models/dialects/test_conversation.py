"""Messages and tools in the form that templates know, and in our own where a template knows none."""

import json

from models.contracts import ChatTool, Message, ToolCall
from models.dialects.conversation import ID_CHARACTERS, conversation_shown, made_id, short_id, tool_shown
from models.dialects.dialect import Way
from models.dialects.generic import told
from models.dialects.template import dressed, fold_system

CALL = ToolCall("abcdefgh1", "clock.now", {"place": "Zürich"})
TALK = (
    Message("system", "Be kind."),
    Message("user", "What time is it?"),
    Message("assistant", "I look.", (CALL,)),
    Message("tool", "12:00", answers="abcdefgh1"),
)
TOOL = ChatTool("clock.now", "Tells the time.", {"type": "object", "properties": {"place": {"type": "string"}}})


def test_calls_and_results() -> None:
    shown = conversation_shown(TALK, Way())
    assert shown[0] == {"role": "system", "content": "Be kind."}
    assert shown[2]["content"] == "I look."
    assert shown[2]["tool_calls"] == [
        {"id": "abcdefgh1", "type": "function", "function": {"name": "clock.now", "arguments": {"place": "Zürich"}}}
    ]
    assert shown[3] == {"role": "tool", "content": "12:00", "tool_call_id": "abcdefgh1", "name": "clock.now"}


def test_as_the_template_wants_it() -> None:
    shown = conversation_shown(TALK, Way(arguments_as_text=True, bare=None, text_with_calls=False))
    assert shown[2]["content"] is None
    assert shown[2]["tool_calls"][0]["function"]["arguments"] == '{"place": "Zürich"}'


def test_foreign_ids_are_made_short_the_same_way_each_time() -> None:
    foreign = "call_0123-abcdef-0123"
    assert short_id(foreign) == short_id(foreign) == made_id(foreign)
    assert len(made_id("")) == ID_CHARACTERS
    assert made_id("a").isalnum()
    assert made_id("a") != made_id("b")
    assert short_id("abcdefgh1") == "abcdefgh1"


def test_a_tool_always_has_properties() -> None:
    assert tool_shown(ChatTool("a", "b"))["function"] == {
        "name": "a", "description": "b", "parameters": {"type": "object", "properties": {}},
    }  # fmt: skip


def test_our_own_words_for_templates_without_tools() -> None:
    messages = told(TALK, (TOOL,))
    assert messages[0].role == "system"
    assert messages[0].text.startswith("Be kind.\n\n")
    assert json.dumps({"name": "clock.now"})[1:-1] in messages[0].text
    assert [message.role for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[2].text == (
        'I look.\n<tool_call>\n{"name": "clock.now", "arguments": {"place": "Zürich"}}\n</tool_call>'
    )
    assert "12:00" in messages[3].text
    assert told((Message("user", "x"),), (TOOL,))[0].role == "system"
    assert told((Message("user", "x"),), ()) == [Message("user", "x")]


def test_folding_keeps_every_word() -> None:
    only = [{"role": "system", "content": "a"}]
    assert fold_system(only) == only
    both = [
        {"role": role, "content": text}
        for role, text in (("system", "a"), ("user", "b"), ("system", "c"), ("user", "d"))
    ]
    assert [message["content"] for message in fold_system(both)] == ["a\n\nc\n\nb", "d"]
    calling = [{"role": "system", "content": "a"}, {"role": "assistant", "content": None, "tool_calls": [1]}]
    assert fold_system(calling) == [{"role": "assistant", "content": "a\n\n", "tool_calls": [1]}]


def test_a_schema_is_filled_in_for_templates_that_look_at_everything() -> None:
    bare = {"type": "function", "function": {"name": "a", "parameters": {"properties": {"x": {}, "y": {
        "type": "object", "properties": {"z": {"type": "array", "items": {}}}}}}}}  # fmt: skip
    full = dressed(bare)["function"]
    assert full["description"] == ""
    assert full["parameters"]["required"] == []
    assert full["parameters"]["properties"]["x"] == {"type": "string", "description": ""}
    inner = full["parameters"]["properties"]["y"]
    assert inner["additionalProperties"] is True
    assert inner["properties"]["z"]["items"]["type"] == "string"


def test_a_model_is_not_told_what_it_is_held_to_anyway() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "string"}}, "required": [], "additionalProperties": False}
    told = tool_shown(ChatTool("a", "b", schema))["function"]["parameters"]
    assert told == {"type": "object", "properties": {"x": {"type": "string"}}}
    open_to_more = {**schema, "required": ["x"], "additionalProperties": True}
    assert tool_shown(ChatTool("a", "b", open_to_more))["function"]["parameters"] == open_to_more
