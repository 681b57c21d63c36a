"""`carryon outbox` and `carryon net` over a profile on the disk."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from agent.compose import build
from agent.paths import Paths
from agent.runtime import Runtime
from app.cli import main
from app.cli.outbox_flush import planned
from sync.intent import Intent, Need
from sync.item import Item


@pytest.fixture
def runtime(paths: Paths) -> Iterator[Runtime]:
    with build(paths, offline=True) as made:
        yield made


def mail(runtime: Runtime, subject: str, *, approval: bool = True, **more: Any) -> Item:
    args = {"to": "dana@halden.example", "subject": subject, "body": subject}
    intent = Intent("email.send", args, "smtp:work", args, f"E-mail to Dana: {subject}", **more)
    return runtime.outbox.enqueue(intent, approval=approval)


def post(runtime: Runtime, text: str, **more: Any) -> Item:
    args = {"channel": "ops", "text": text}
    intent = Intent("message.post", args, "webhook:ops", args, f"Message to ops: {text}", **more)
    return runtime.outbox.enqueue(intent, approval=False)


def carryon(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.output)


def test_the_list_is_narrowed_and_paged(runtime: Runtime) -> None:
    first, second = mail(runtime, "contract"), mail(runtime, "invoice")
    other = post(runtime, "landing")
    assert [row["id"] for row in carryon("outbox", "list", "--destination", "webhook:ops")] == [other.id]
    assert [row["id"] for row in carryon("outbox", "list", "--tool", "email.send", "--search", "inv")] == [second.id]
    assert [row["id"] for row in carryon("outbox", "list", "--limit", "1")] == [first.id]
    assert [row["id"] for row in carryon("outbox", "list", "--after", first.id)] == [second.id, other.id]
    talk = runtime.conversations.create("Contract")
    there = post(runtime, "of the talk", conversation_id=talk.id)
    assert [row["id"] for row in carryon("outbox", "list", "--conversation", talk.id[:8])] == [there.id]
    assert "Nothing fits." in CliRunner().invoke(main, ["outbox", "list", "--search", "passport"]).output


def test_an_item_is_shown_with_what_it_waits_for_and_was_read_before(runtime: Runtime) -> None:
    first = mail(runtime, "contract", sources=("the page example.org",))
    second = post(runtime, "landing", needs=(Need(first.id),))
    shown = carryon("outbox", "show", second.id[:8])
    assert [need["id"] for need in shown["needs"]] == [first.id]
    assert shown["waits_for"] == 1
    assert carryon("outbox", "show", first.id)["sources"] == ["the page example.org"]
    assert carryon("outbox", "show", first.id)["needed_by"][0]["id"] == second.id
    lines = CliRunner().invoke(main, ["outbox", "show", second.id]).output
    assert f"waits for: {first.id[:8]} waiting_approval" in lines


def test_several_are_decided_at_once_and_what_strangers_wrote_is_not(runtime: Runtime) -> None:
    plain = [mail(runtime, f"number {number}") for number in range(2)]
    warned = mail(runtime, "warned", sources=("the page example.org",))
    dry = carryon("outbox", "approve", "--all", "--dry-run")
    assert [row["id"] for row in dry] == [plain[0].id, plain[1].id, warned.id]
    assert runtime.outbox.counts() == {"waiting_approval": 3}, "a dry run changes nothing"
    decided = carryon("outbox", "approve", "--all", code=1)
    assert decided["done"] == [item.id for item in plain]
    assert decided["to_look_at"] == [warned.id]
    assert carryon("outbox", "approve", warned.id)["state"] == "queued", "by its own id it is"


def test_one_item_answers_with_its_row_as_ever(runtime: Runtime) -> None:
    item = mail(runtime, "contract")
    assert carryon("outbox", "approve", item.id)["state"] == "queued"
    assert carryon("outbox", "cancel", item.id)["state"] == "cancelled"
    assert carryon("outbox", "retry", item.id)["state"] == "queued"
    assert carryon("outbox", "resolve", item.id, "delivered")["state"] == "delivered"


def test_what_could_not_be_decided_says_why(runtime: Runtime) -> None:
    waiting, gone = mail(runtime, "waiting"), mail(runtime, "gone")
    runtime.outbox.cancel(gone.id)
    decided = carryon("outbox", "approve", waiting.id, gone.id, code=1)
    assert decided["done"] == [waiting.id]
    assert "cancelled" in decided["refused"][gone.id]


def test_a_filter_and_ids_are_not_guessed_between(runtime: Runtime) -> None:
    item = mail(runtime, "contract")
    assert "Say which items" in carryon("outbox", "cancel", code=2)["error"]["what"]
    assert "not both" in carryon("outbox", "cancel", item.id, "--all", code=2)["error"]["what"]
    assert runtime.outbox.counts() == {"waiting_approval": 1}


def test_a_dry_flush_tells_the_order_and_what_is_left(runtime: Runtime) -> None:
    now, later = post(runtime, "first"), post(runtime, "second")
    held = post(runtime, "held", needs=(Need(now.id),))
    steps = planned(runtime.outbox, denied=False)
    assert [(step.item.id, bool(step.why_not)) for step in steps] == [
        (now.id, False), (later.id, False), (held.id, True),
    ]  # fmt: skip
    assert all(step.why_not for step in planned(runtime.outbox, denied=True))
    document = carryon("outbox", "flush", "--dry-run", "--offline")
    assert {step["why_not"] for step in document if step["id"] != held.id} == {"the network is denied"}
    assert runtime.outbox.counts() == {"queued": 3}


def test_the_network_is_told_place_by_place(runtime: Runtime) -> None:
    post(runtime, "first")
    document = carryon("net", "--offline")
    assert (document["state"], document["manual"]) == ("offline", True)
    (place,) = document["destinations"]
    assert place["destination"] == "webhook:ops"
    assert place["counts"] == {"queued": 1}
    assert place["last"] == []
    lines = CliRunner().invoke(main, ["net", "--offline"]).output.splitlines()
    assert lines[0].startswith("offline by your switch: ")
    assert "1 waiting" in lines[1]
