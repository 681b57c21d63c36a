"""Lines of a batch: threads by a name of their own, contexts that are imagined; and what `ask` tells of a question."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.compose import build
from agent.errors import BadRequestError
from agent.loop.ports import Request
from agent.paths import Paths
from agent.runtime import Runtime
from app.cli.ask import documented, numbered
from app.cli.batch import Row, Threads, check, rows
from models.contracts import Decision, PointedCall
from models.scripted import Scripted

ADD = Decision("called", 0.9, (PointedCall("task.add", {"title": "call", "due": "friday"}),))
MONDAY = Decision("called", 0.9, (PointedCall("task.add", {"due": "monday"}),), follow="amend")
LACKS = Decision("clarify", 0.9, missing="email.send", lacks=("body",),
                 guess=(PointedCall("email.send", {"to": "Dana"}),))  # fmt: skip
UNSURE = Decision("clarify", 0.4, missing="task.add", guess=(PointedCall("task.add", {"title": "call Ivo"}),),
                  second=(PointedCall("note.create", {"body": "call Ivo"}),))  # fmt: skip
DOCUMENT = {
    "conversation", "turn", "outcome", "calls", "reply", "level", "model", "confidence", "timings_ms", "config_hash",
    "data_from",
}  # fmt: skip

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def lines(*entries: object) -> Path:
        path = tmp_path / "batch.jsonl"
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
        return path

    return lines


@pytest.fixture
def runtime(paths: Paths) -> Iterator[Runtime]:
    with build(paths, environ={}, starter=Scripted([]), offline=True) as built:
        yield built


def played(paths: Paths, decisions: list[Decision], batch: Path, *, dry_run: bool) -> tuple[list, Scripted]:
    model = Scripted(decisions)
    documents = []
    with build(paths, environ={}, starter=model, offline=True) as runtime:
        threads = Threads(None, runtime.conversation_id)
        for row in rows(batch):
            place, imagined = threads.place(row, dry_run=dry_run)
            found, ended = documented(runtime.turn(Request(row.text, place, dry_run=dry_run, imagined=imagined)))
            threads.went_on(row, ended)
            documents.append(found)
    return documents, model


def test_lines_without_more_are_requests_of_their_own(write: Write) -> None:
    assert list(rows(write({"id": 1, "text": "x"}, {"id": "b", "text": "y"}))) == [Row("1", "x"), Row("b", "y")]


@pytest.mark.parametrize("dry_run", [False, True])
def test_lines_of_one_name_go_on_in_one_thread(paths: Paths, write: Write, dry_run: bool) -> None:
    batch = write(
        {"id": "1", "text": "remind me to call on friday", "conversation": "a"},
        {"id": "2", "text": "hello"},
        {"id": "3", "text": "make it monday", "conversation": "a"},
    )
    documents, model = played(paths, [ADD, Decision("handoff", 0.9), MONDAY], batch, dry_run=dry_run)
    assert [request.after for request in model.asked] == [(), (), ("task.add",)]
    (call,) = documents[2]["calls"]
    assert call["args"] == {"title": "call", "due": "monday"}
    assert call["status"] == ("proposed" if dry_run else "done")
    assert (documents[0]["conversation"] == documents[2]["conversation"]) is True


def test_a_context_is_what_a_line_is_read_with(paths: Paths, write: Write) -> None:
    context = {
        "after": [{"tool": "email.send", "args": {"to": "Dana", "body": "signed"}}],
        "known": [["contact", "Ivo"]],
    }
    asked = {"asked": {"tool": "email.send", "args": {"to": "Dana"}, "lacks": ["body"]}}
    batch = write(
        {"id": "1", "text": "make it Ivo", "context": context}, {"id": "2", "text": "it is signed", "context": asked}
    )
    amend = Decision("called", 0.9, (PointedCall("email.send", {"to": "Ivo"}),), follow="amend")
    fill = Decision("called", 0.9, (PointedCall("email.send", {"body": "it is signed"}),), follow="fill")
    documents, model = played(paths, [amend, fill], batch, dry_run=True)
    assert (model.asked[0].after, model.asked[0].known) == (("email.send",), (("contact", "Ivo"),))
    assert model.asked[1].asked == ("email.send", ("body",))
    args = [document["calls"][0]["args"] for document in documents]
    assert args == [{"to": "Ivo", "body": "signed"}, {"to": "Dana", "body": "it is signed"}]


def test_a_context_needs_a_dry_run(write: Write) -> None:
    batch = write({"id": "1", "text": "x", "context": {"after": [{"tool": "task.add"}]}})
    check(batch, dry_run=True)
    with pytest.raises(BadRequestError, match="imagined"):
        check(batch, dry_run=False)


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "1"},
        {"id": "1", "text": " "},
        {"id": "1", "text": "x", "conversation": ["a"]},
        {"id": "1", "text": "x", "context": {"after": [{}]}},
        {"id": "1", "text": "x", "context": {"asked": {"tool": "x"}}},
        {"id": "1", "text": "x", "context": {"known": ["Dana"]}},
        {"id": "1", "text": "x", "context": "what"},
        [],
    ],
)
def test_a_line_that_is_none_is_told_with_its_place(write: Write, entry: object) -> None:
    with pytest.raises(BadRequestError) as caught:
        check(write({"id": "0", "text": "fine"}, entry), dry_run=True)
    assert "batch.jsonl:2" in caught.value.where
    assert caught.value.todo


def test_a_question_tells_what_is_missing(runtime: Runtime) -> None:
    runtime.minds.model("starter")._script.append(LACKS)  # type: ignore[attr-defined]
    found, ended = documented(runtime.turn(Request("email Dana")))
    assert set(found) == DOCUMENT | {"missing", "choices"}
    assert (found["outcome"], found["calls"], found["missing"], found["choices"]) == ("clarify", [], ["body"], [])
    assert numbered(ended.message.question) == []


def test_two_readings_are_numbered_for_the_terminal(runtime: Runtime) -> None:
    runtime.minds.model("starter")._script.append(UNSURE)  # type: ignore[attr-defined]
    found, ended = documented(runtime.turn(Request("call Ivo")))
    assert found["missing"] == []
    assert [choice["calls"][0]["tool"] for choice in found["choices"]] == ["task.add", "note.create"]
    assert numbered(ended.message.question) == [
        "  1. Add the task “call Ivo”",
        "  2. Write the note “call Ivo”",
    ]


def test_earlier_calls_that_change_are_not_among_those_of_the_turn(runtime: Runtime) -> None:
    script = runtime.minds.model("starter")._script  # type: ignore[attr-defined]
    script.extend((ADD, MONDAY))
    first, _ = documented(runtime.turn(Request("remind me")))
    second, _ = documented(runtime.turn(Request("make it monday", first["conversation"])))
    assert set(second) == DOCUMENT
    assert [call["args"] for call in second["calls"]] == [{"title": "call", "due": "monday"}]
