"""Names of tools as a chat model may write them, and back."""

import re

import pytest

from agent.loop.tool_names import NAME_CHARACTERS_MAX, ToolNames
from agent.tools.shipped import SHIPPED

SHIPPED_NAMES = [spec.name for spec in SHIPPED]


def test_every_tool_that_ships_is_named_and_found_again() -> None:
    names = ToolNames(SHIPPED_NAMES)
    assert names.written("note.create") == "note_create"
    for tool in SHIPPED_NAMES:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", names.written(tool))
        assert names.tool(names.written(tool)) == tool
        assert names.tool(tool) == tool, "with its dot it is understood too"


def test_tools_that_would_be_called_alike_are_told_apart_whoever_came_first() -> None:
    tools = ["a.b_c", "a_b.c", "a.b.c"]
    one, other = ToolNames(tools), ToolNames(reversed(tools))
    assert len({one.written(tool) for tool in tools}) == 3
    assert [one.written(tool) for tool in tools] == [other.written(tool) for tool in tools]
    assert [one.tool(one.written(tool)) for tool in tools] == tools


@pytest.mark.parametrize("name", ["parcel_track", "", "x" * 500, "note.creat"])
def test_a_name_that_means_no_tool_stays_what_it_is_within_a_bound(name: str) -> None:
    assert ToolNames(SHIPPED_NAMES).tool(name) == name[:NAME_CHARACTERS_MAX]


def test_a_long_name_is_cut_and_still_found() -> None:
    long = "server/" + "tool" * 40
    names = ToolNames([long, long + "s"])
    assert {names.tool(names.written(tool)) for tool in (long, long + "s")} == {long, long + "s"}
