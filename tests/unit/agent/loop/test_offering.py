"""The tools as a chat model is told of them: the same each time, and never more than there is room for."""

from dataclasses import replace

import pytest

from agent.loop.gauge import weight_of_tools
from agent.loop.offering import ABOUT_EARLIER, offered
from agent.loop.tool_names import ToolNames
from agent.tools.shipped import SHIPPED
from agent.tools.spec import SERVER
from models.contracts import SCHEMA_CHARACTERS_MAX
from models.starter.vocabulary import TOOLS

NAMES = ToolNames(spec.name for spec in SHIPPED)


def test_a_card_becomes_a_schema_of_texts() -> None:
    tools = {tool.name: tool for tool in offered(SHIPPED, NAMES, 100_000).tools}
    task = tools["task_add"]
    assert task.about == "Puts something on your task list, with a reminder if you say when."
    assert task.parameters["required"] == ["title"]
    assert task.parameters["additionalProperties"] is False
    due = task.parameters["properties"]["due"]
    assert due["type"] == "string"
    assert "own words" in due["description"], "a time stays as it was said"


def test_the_order_does_not_depend_on_who_registered_first() -> None:
    assert offered(SHIPPED, NAMES, 100_000) == offered(tuple(reversed(SHIPPED)), NAMES, 100_000)


@pytest.mark.parametrize("room", [100_000, 6_000, 3_000, 900, 0])
@pytest.mark.parametrize("count", [1, 15])
def test_never_more_than_there_is_room_for_and_what_is_left_out_is_counted(room: int, count: int) -> None:
    specs = [replace(spec, name=f"{spec.name}.{copy}") for copy in range(count) for spec in SHIPPED]
    names = ToolNames(spec.name for spec in specs)
    found = offered(specs, names, room)
    assert weight_of_tools(found.tools) <= room
    own = [tool for tool in found.tools if tool not in ABOUT_EARLIER]
    assert len(own) + found.left_out == len(specs)
    assert not found.tools or found.tools[:2] == ABOUT_EARLIER


def test_what_arguments_mean_is_left_out_before_a_tool_is() -> None:
    whole = weight_of_tools(offered(SHIPPED, NAMES, 100_000).tools)
    brief = offered(SHIPPED, NAMES, whole - 1)
    assert brief.left_out == 0
    assert weight_of_tools(brief.tools) < whole


def test_those_that_ship_stay_when_there_is_no_room_for_all() -> None:
    own = [replace(SHIPPED[0], name=f"a.tool{number}") for number in range(50)]
    names = ToolNames(spec.name for spec in (*own, *SHIPPED))
    kept = {tool.name for tool in offered((*own, *SHIPPED), names, 6_000).tools}
    assert {NAMES.written(spec.name) for spec in SHIPPED} <= kept


def test_no_schema_is_larger_than_a_request_may_carry() -> None:
    assert all(len(str(tool.parameters)) < SCHEMA_CHARACTERS_MAX for tool in offered(SHIPPED, NAMES, 100_000).tools)


def test_what_the_starter_cannot_fill_a_chat_model_is_offered() -> None:
    mail = next(spec for spec in SHIPPED if spec.name == "email.send")
    made = offered([mail], ToolNames([mail.name]), 100_000).tools[-1]
    assert "attach" in made.parameters["properties"]
    assert "attach" not in TOOLS["email.send"].arguments
    assert "attach" not in made.parameters["required"]


def test_a_servers_tool_is_told_with_its_own_schema() -> None:
    schema = {
        "type": "object", "title": "Book", "required": ["title"],
        "properties": {
            "title": {"type": "string", "description": "What it is called"},
            "copies": {"type": "array", "items": {"type": "integer", "default": 1}},
            "description": {"$ref": "#/$defs/words"},
        },
        "$defs": {"words": {"enum": ["long", "short"], "title": "Words"}},
    }  # fmt: skip
    book = replace(SHIPPED[0], name="shop.book", module=f"{SERVER}shop", params=(), schema=schema)
    names = ToolNames([book.name])
    assert offered([book], names, 100_000).tools[-1].parameters == schema
    whole = weight_of_tools(offered([book], names, 100_000).tools)
    brief = offered([book], names, whole - 1).tools[-1].parameters
    assert brief == {
        "type": "object", "required": ["title"],
        "properties": {
            "title": {"type": "string"}, "copies": {"type": "array", "items": {"type": "integer"}},
            "description": {"$ref": "#/$defs/words"},
        },
        "$defs": {"words": {"enum": ["long", "short"]}},
    }, "words about arguments go, arguments that are called like them stay"  # fmt: skip
    endless = replace(book, schema={**schema, "description": "x" * 9_000})
    assert offered([endless], names, 100_000).tools[-1].parameters["properties"] == {}
