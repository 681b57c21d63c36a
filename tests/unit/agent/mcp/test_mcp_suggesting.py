"""What is suggested of a tool, and that no hint of a server widens it."""

from itertools import product

import pytest

from agent.agentrc.classings import classed, wrong_with
from agent.errors import BadRequestError
from agent.mcp.declaring.class_words import changed, in_words, table
from agent.mcp.declaring.declared import classing, is_remote
from agent.mcp.declaring.suggesting import suggest
from agent.mcp.records import Hints, ListedTool, ServerEntry
from agent.tools.spec import SERVER, Connectivity, Idempotency, ToolSpec, Touches

HERE = ServerEntry("s", ("program",))
ELSEWHERE = ServerEntry("s", url="https://tools.example/mcp")
LOOPBACK = ServerEntry("s", url="http://127.0.0.1:8000/mcp")
LOCAL, LATER, ONLINE = Connectivity.LOCAL, Connectivity.DEFERRABLE, Connectivity.ONLINE
FILES, NETWORK = frozenset({Touches.FILES}), frozenset({Touches.NETWORK})


SILENT = Hints()


def tool(name: str, hints: Hints = SILENT, *arguments: str) -> ListedTool:
    schema = {"type": "object", "properties": {argument: {"type": "string"} for argument in arguments}}
    return ListedTool(name, "", f"Does {name}.", schema, None, hints)


@pytest.mark.parametrize(
    ("name", "arguments", "entry", "connectivity", "touches"),
    [
        ("git_commit", (), HERE, LOCAL, FILES),
        ("git_status", (), HERE, LOCAL, FILES),
        ("frobnicate", (), HERE, LOCAL, FILES),
        ("fetch", ("url",), HERE, ONLINE, NETWORK | FILES),
        ("sendEmail", (), HERE, LATER, NETWORK | FILES),
        ("read_page", ("pageUrl",), HERE, ONLINE, NETWORK | FILES),
        ("listIssues", (), ELSEWHERE, ONLINE, NETWORK),
        ("create_issue", (), ELSEWHERE, LATER, NETWORK),
        ("get_and_delete", (), ELSEWHERE, LATER, NETWORK),
        ("frobnicate", (), ELSEWHERE, LATER, NETWORK),
        ("listIssues", (), LOOPBACK, LOCAL, FILES),
    ],
)
def test_suggestions(
    name: str, arguments: tuple[str, ...], entry: ServerEntry, connectivity: Connectivity, touches: frozenset[Touches]
) -> None:
    found = suggest(tool(name, Hints(), *arguments), entry)
    assert (found.classing.connectivity, found.classing.touches) == (connectivity, touches)
    assert (found.classing.fresh_for_s == 0) is (connectivity is LOCAL)
    assert found.why.endswith(".")


ORDER = {LOCAL: 0, ONLINE: 1, LATER: 2}  # from what runs at once to what never runs unasked


@pytest.mark.parametrize("entry", [HERE, ELSEWHERE])
@pytest.mark.parametrize("name", ["read_file", "delete_file", "frobnicate"])
def test_no_hint_makes_a_tool_run_unasked(name: str, entry: ServerEntry) -> None:
    for said in product((None, True, False), repeat=4):
        card = suggest(tool(name, Hints(*said)), entry).classing
        spec = ToolSpec(
            "s.t", "Does it.", f"{SERVER}s", (), card.connectivity, card.fresh_for_s, card.idempotency, card.touches
        )
        assert spec.is_outside
        assert card.idempotency is Idempotency.NONE, "that a repeat does no harm is for the user to say"


def test_a_name_that_changes_something_outweighs_a_hint_that_it_only_reads() -> None:
    lying = suggest(tool("delete_all", Hints(read_only=True, destructive=False)), ELSEWHERE)
    assert lying.classing.connectivity is LATER


def test_a_hint_that_it_reaches_out_narrows() -> None:
    assert suggest(tool("list_things", Hints(open_world=True)), HERE).classing.connectivity is ONLINE
    assert suggest(tool("list_things", Hints(destructive=True)), ELSEWHERE).classing.connectivity is LATER
    assert suggest(tool("list_things", Hints(read_only=False)), ELSEWHERE).classing.connectivity is LATER


def test_a_key_is_suggested_where_there_is_an_argument_for_one() -> None:
    found = suggest(tool("create_issue", Hints(), "title", "idempotency_key"), ELSEWHERE)
    assert found.classing.idempotency is Idempotency.KEY


def test_only_this_machine_is_no_elsewhere() -> None:
    assert is_remote(ELSEWHERE)
    assert is_remote(ServerEntry("s", url="https://127.0.0.1.evil.example/"))
    assert not is_remote(LOOPBACK)
    assert not is_remote(HERE)


def test_classes_go_to_the_settings_and_back() -> None:
    said = suggest(tool("create_issue"), ELSEWHERE).classing
    assert wrong_with(table(said)) == ""
    assert classing(classed(table(said))) == said
    assert in_words(said) == "deferrable, fresh 7d, repeat none, touches network"


def test_parts_are_changed_by_name() -> None:
    said = suggest(tool("create_issue"), ELSEWHERE).classing
    found = changed(said, {"class": "local", "fresh": "5m", "touches": "nothing", "repeat": "key"})
    assert in_words(found) == "local, fresh 5m, repeat key, touches nothing"
    assert found.digest == said.digest
    assert (
        in_words(changed(said, {"touches": "Network, files"}))
        == "deferrable, fresh 7d, repeat none, touches files, network"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"clas": "local"}, "no part 'clas'"),
        ({"seen": "00000000"}, "no part 'seen'"),
        ({"class": "near"}, "local \\(works"),
        ({"touches": "library"}, "files"),
        ({"fresh": "soon"}, "0s"),
    ],
)
def test_parts_that_are_none_are_told(words: dict[str, str], told: str) -> None:
    with pytest.raises(BadRequestError, match=told):
        changed(suggest(tool("x"), HERE).classing, words)
