"""What a chat model wrote becomes a call that may be made, or words that say why not."""

from typing import Any

import pytest

from agent.loop.calling import GONE_BY, intended
from agent.loop.errand import Trail
from agent.loop.ports import Intended, Way
from agent.loop.tool_names import ToolNames, reference
from agent.protocol.records import Call, CallStatus
from agent.tools.registry import Registry
from models.contracts import ToolCall

REGISTRY = Registry()
NAMES = ToolNames(spec.name for spec in REGISTRY.specs())
TASK = Call("11111111-aaaa", "t", "task.add", {"title": "call Ivo", "due": "friday"}, CallStatus.DONE, artifact_id="a1")


def meant(name: str, said: str = "", earlier: Call = TASK, **arguments: Any) -> Intended:
    call = ToolCall("c1", name, {key.rstrip("_"): value for key, value in arguments.items()})
    return intended(call, REGISTRY, NAMES, {reference(earlier): earlier}, (said,))


def test_the_name_is_the_tools_and_arguments_are_text() -> None:
    assert meant("units_convert", value=5, from_="miles", to="km") == Intended(
        "units.convert", {"value": "5", "from": "miles", "to": "km"}
    )
    assert meant("units_convert", value=2.0, from_="miles", to="km").args["value"] == "2"
    assert meant("units_convert", value=2.5, from_="miles", to="km").args["value"] == "2.5"
    assert meant("note_create", body=True, title=None).args == {"body": "true"}


def test_times_stay_as_said() -> None:
    assert meant("task_add", title="invoice her", due="next friday at 9").args["due"] == "next friday at 9"


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("note_create", {"body": ["milk", "eggs"]}, "must be text"),
        ("note_create", {"title": "empty"}, "needs 'body'"),
        ("note_create", {"body": "x", "colour": "red"}, "no argument 'colour'"),
        ("timer_set", {"duration": "x" * 500}, "characters long"),
        ("call_undo", {"call": "nobody"}, "no earlier call"),
        ("call_undo", {}, "no earlier call"),
        ("call_change", {"call": reference(TASK), "argument": "colour", "value": "red"}, "no argument 'colour'"),
    ],
)
def test_what_does_not_fit_says_why(name: str, arguments: dict[str, Any], says: str) -> None:
    wrong = intended(ToolCall("c1", name, arguments), REGISTRY, NAMES, {reference(TASK): TASK}, ())
    assert says in wrong.wrong
    assert all(isinstance(value, str) and len(value) <= 2_000 for value in wrong.args.values())


def test_a_tool_that_is_not_there_is_left_to_the_hands_which_refuse_it() -> None:
    assert meant("parcel_track", number=7) == Intended("parcel_track", {"number": "7"})


def test_an_earlier_call_is_changed_in_its_place() -> None:
    change = meant("call_change", call=reference(TASK), argument="due", value="monday")
    assert (change.tool, change.way, change.earlier) == ("task.add", Way.AMEND, TASK)
    assert change.args == {"title": "call Ivo", "due": "monday"}


def test_an_earlier_call_is_taken_back() -> None:
    undo = meant("call_undo", call=reference(TASK))
    assert (undo.tool, undo.way, undo.earlier) == ("task.add", Way.UNDO, TASK)


@pytest.mark.parametrize(
    "gone",
    [
        Call("11111111-aaaa", "t", "task.add", {}, CallStatus.UNDONE),
        Call("11111111-aaaa", "t", "task.add", {}, CallStatus.REFUSED),
        Call("11111111-aaaa", "t", "task.add", {}, CallStatus.PROPOSED, facts={"ask": "which_task"}),
        Call("11111111-aaaa", "t", "task.add", {}, CallStatus.DONE, facts=Trail(replaced_by="other").facts()),
    ],
)
def test_what_does_not_stand_cannot_be_changed_or_taken_back(gone: Call) -> None:
    assert meant("call_undo", earlier=gone, call=reference(gone)).wrong == GONE_BY
    assert meant("call_change", earlier=gone, call=reference(gone), argument="due", value="x").wrong == GONE_BY


@pytest.mark.parametrize(
    ("said", "url", "unsaid"),
    [
        ("what is on https://example.org/news?", "https://example.org/news", False),
        ("read example.org/news please", "https://example.org/news/", False),
        ("read Example.ORG", "example.org", False),
        ("what is the weather?", "https://weather.example/berlin", True),
        ("read example.org", "https://example.org/?note=the+whole+secret", True),
        ("read example.org.evil.net", "example.org.evil", True),
        ("read notexample.org", "example.org", True),
        ("mail me@example.org", "example.org", True),
    ],
)
def test_the_network_is_told_nothing_that_the_user_never_wrote_without_asking(
    said: str, url: str, unsaid: bool
) -> None:
    assert meant("web_fetch", said, url=url).unsaid is unsaid


def test_a_changed_address_is_a_call_of_its_own_that_asks() -> None:
    page = Call("22222222-bbbb", "t", "web.fetch", {"url": "example.org"}, CallStatus.QUEUED, outbox_id="o1")
    change = meant("call_change", "read example.org", page, call=reference(page), argument="url", value="evil.net/?x=1")
    assert (change.unsaid, change.way, change.earlier) == (True, Way.NEW, None)
