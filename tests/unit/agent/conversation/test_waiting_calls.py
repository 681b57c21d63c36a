"""Which calls a conversation still waits for, and what it has read: the right ones, however many others there are."""

from agent.conversation import Conversations
from agent.conversation.reading import SOURCES_MAX
from agent.protocol.commands import new_id
from agent.protocol.records import Call, CallStatus
from agent.store import Store


def test_a_fetch_is_found_behind_any_number_of_mails(conversations: Conversations) -> None:
    turn = conversations.begin_turn(None, "hello").turn_id
    fetch = Call(new_id(), turn, "web.fetch", {"url": "u"}, CallStatus.QUEUED, outbox_id="i0")
    conversations.add_call(fetch)
    for number in range(3):
        conversations.add_call(Call(new_id(), turn, "email.send", {}, CallStatus.QUEUED, outbox_id=f"m{number}"))
    assert conversations.waiting_calls(["web.fetch", "web.search"], 2) == (fetch,)


def test_it_is_found_without_looking_at_every_call(store: Store, conversations: Conversations) -> None:
    seen: list[str] = []
    store.set_trace_callback(seen.append)
    conversations.waiting_calls(["web.fetch"])
    store.set_trace_callback(None)
    (asked,) = [sql for sql in seen if "FROM tool_call" in sql]
    plan = [row["detail"] for row in store.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()]
    assert any("SEARCH tool_call USING INDEX tool_call_waiting" in step for step in plan), plan


def test_of_many_sources_the_last_read_are_named_in_reading_order(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "hello")
    for number in range(SOURCES_MAX + 1):
        facts = {"trail": {"brought": [f"the page {number}"]}}
        conversations.add_call(Call(new_id(), asked.turn_id, "web.fetch", {}, CallStatus.DONE, facts=facts))
    named = conversations.read(asked.conversation_id)
    assert named == tuple(f"the page {number}" for number in range(1, SOURCES_MAX + 1))
