"""`carryon outbox` and `carryon net` over a profile on the disk."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from agent.compose import build
from agent.paths import Paths
from agent.runtime import Runtime
from agent.tools.foreground import Instead, Stall
from app.cli import main
from app.cli.opening import profile
from app.cli.outbox_flush import planned
from sync.intent import Intent, Need
from sync.item import Item
from sync.observing import Observation, store
from sync.placeholders import new_token


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
    assert [row["id"] for row in dry] == [plain[0].id, plain[1].id]
    told = CliRunner().invoke(main, ["outbox", "approve", "--all", "--dry-run"]).output
    assert "2 would be approved" in told
    assert "left for you to look at, one by one: 1" in told
    assert warned.id[:8] in told
    wrong = CliRunner().invoke(main, ["outbox", "cancel", "--state", "quued"])
    assert (wrong.exit_code, "quued" in wrong.stderr) == (2, True)
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


def test_the_page_of_a_sign_in_is_printed_until_somebody_answers(runtime: Runtime) -> None:
    page = "http://hotel.example/welcome"
    met = Observation("webhook:ops", "sign-in", 40, 1_000, "Sign in.", page)
    store(runtime.connection, met)
    store(runtime.connection, replace(met, endpoint="smtp:work", page=""))
    store(runtime.connection, Observation("smtp:practice", "delivered", 4, 1_500, near=True))
    document = carryon("net")
    assert (document["sign_in"], document["sign_in_url"]) == (True, page)
    assert f"in your browser: {page}" in CliRunner().invoke(main, ["net"]).output
    store(runtime.connection, Observation("webhook:ops", "delivered", 40, 2_000))
    document = carryon("net")
    assert (document["sign_in"], document["sign_in_url"]) == (False, "")


@pytest.mark.parametrize("many", [False, True])
def test_trying_again_keeps_a_pause_that_was_asked_for_unless_it_is_to_go_now(runtime: Runtime, many: bool) -> None:
    item, until = post(runtime, "landing"), round(time.time() + 3_600) * 1_000
    runtime.connection.execute("UPDATE outbox_item SET state = 'failed', held_until = ?", (until,))
    which = ("--destination", "webhook:ops") if many else (item.id,)
    carryon("outbox", "retry", *which)
    assert runtime.outbox.get(item.id).next_attempt_at == until
    runtime.connection.execute("UPDATE outbox_item SET state = 'failed'")
    if not many:
        assert "It asked to be left alone until" in CliRunner().invoke(main, ["outbox", "retry", item.id]).output
        runtime.connection.execute("UPDATE outbox_item SET state = 'failed'")
    carryon("outbox", "retry", *which, "--now")
    assert runtime.outbox.get(item.id).next_attempt_at < until


def test_with_the_word_that_it_arrived_goes_what_is_known_of_it(runtime: Runtime) -> None:
    first = mail(runtime, "contract")
    token = new_token()
    second = post(runtime, f"see {token}", needs=(Need(first.id, token, "url"),))
    carryon("outbox", "resolve", first.id, "delivered", "--url", "https://example.org/7")
    assert runtime.outbox.get(second.id).payload["text"] == "see https://example.org/7"


@pytest.mark.parametrize("words", [("retry",), ("delivered", "--dry-run")])
def test_a_link_belongs_to_one_item_that_arrived(runtime: Runtime, words: tuple[str, ...]) -> None:
    item = mail(runtime, "contract")
    done = CliRunner().invoke(main, ["outbox", "resolve", item.id, *words, "--url", "https://example.org/7"])
    assert done.exit_code != 0
    assert runtime.outbox.get(item.id).state == "waiting_approval"


def aside(runtime: Runtime, item: Item, state: str) -> Item:
    if state == "delivered":
        return runtime.outbox.resolve(item.id, "delivered")
    runtime.connection.execute("UPDATE outbox_item SET state = ? WHERE id = ?", (state, item.id))
    return runtime.outbox.get(item.id)


@pytest.mark.parametrize("now", [(), ("--now",)])
def test_what_was_taken_back_goes_again_only_where_it_is_named(runtime: Runtime, now: tuple[str, ...]) -> None:
    failed, rejected = (aside(runtime, post(runtime, state), state) for state in ("failed", "rejected"))
    kept = [aside(runtime, post(runtime, state), state) for state in ("cancelled", "expired")]
    dry = carryon("outbox", "retry", "--all", "--dry-run", *now)
    assert [row["id"] for row in dry] == [failed.id, rejected.id]
    decided = carryon("outbox", "retry", "--all", *now)
    assert decided["done"] == [failed.id, rejected.id]
    assert decided["left_aside"] == 2
    assert [runtime.outbox.get(item.id).state for item in kept] == ["cancelled", "expired"]
    lines = CliRunner().invoke(main, ["outbox", "retry", "--tool", "message.post", *now]).output
    assert "2 taken back or too old: left alone; --state cancelled" in lines
    assert carryon("outbox", "retry", "--state", "cancelled", *now)["done"] == [kept[0].id]
    assert carryon("outbox", "retry", kept[1].id, *now)["state"] == "queued"


def test_what_another_item_brings_is_said_in_words(runtime: Runtime) -> None:
    first = mail(runtime, "login is broken", call_id="0123-456789abcdef")
    other = mail(runtime, "something else", call_id="fedcba9876543210")
    token = "link-of-012345678"
    alone = post(runtime, f"see {token}", needs=(Need(first.id, token, "url"),))
    both = post(runtime, f"see {token}", needs=(Need(other.id), Need(first.id, token, "url")))
    words = f"Message to ops: see the link of “{first.sentence}”"
    assert carryon("outbox", "show", alone.id)["sentence"] == words
    assert carryon("outbox", "show", both.id)["sentence"] == words
    lines = CliRunner().invoke(main, ["outbox", "list"]).output
    assert words in lines
    assert "see the link of what it waits for" in lines, "which of two is not told in a line"
    assert carryon("outbox", "show", alone.id)["args"]["text"] == f"see {token}", "what is stored stays"


@pytest.mark.parametrize("words", [("call", "note.save"), ("outbox", "edit", "ID")])
def test_a_name_that_is_given_twice_is_a_mistake(runtime: Runtime, words: tuple[str, ...]) -> None:
    item = mail(runtime, "contract")
    given = [item.id if word == "ID" else word for word in words]
    assert "given twice" in carryon(*given, "body=a", "body=b", code=2)["error"]["what"]
    assert runtime.outbox.get(item.id).payload["body"] == "contract"


def test_an_item_is_let_go_without_what_it_waits_for(runtime: Runtime) -> None:
    first = mail(runtime, "contract")
    second = post(runtime, "landing", needs=(Need(first.id),))
    assert carryon("outbox", "free", second.id[:12])["waits_for"] == 0
    assert runtime.outbox.head("webhook:ops") == runtime.outbox.get(second.id)


@pytest.mark.parametrize(
    ("state", "asked", "way"),
    [
        ("unknown", "retry", "carryon outbox resolve ID delivered|retry|cancel"),
        ("conflict", "approve", "carryon outbox resolve ID send|cancel"),
        ("cancelled", "approve", "carryon outbox retry ID"),
        ("delivered", "cancel", "nothing left to decide"),
    ],
)
def test_what_cannot_be_decided_so_says_how_it_can(runtime: Runtime, state: str, asked: str, way: str) -> None:
    item = aside(runtime, mail(runtime, "contract"), state)
    assert way in carryon("outbox", asked, item.id, code=2)["error"]["todo"]


def test_a_dry_decision_is_a_sentence(runtime: Runtime) -> None:
    aside(runtime, mail(runtime, "contract"), "failed")
    lines = CliRunner().invoke(main, ["outbox", "retry", "--all", "--dry-run"]).output
    assert lines.startswith("1 would be tried again:")


def test_what_does_not_come_is_said_beside_the_answer(paths: Paths) -> None:
    @click.command()
    def waits() -> None:
        with profile(offline=True) as runtime:
            runtime.foreground.tell(Stall("No answer from example.org for 1.5 s.", Instead.LATER))
            runtime.foreground.tell(Stall("", Instead.NOTHING))

    done = CliRunner().invoke(waits)
    assert done.stdout == ""
    assert done.stderr.splitlines() == ["Not working yet. No answer from example.org for 1.5 s."]
