"""Items that need others: they wait, take over what those brought, and say so when one of them is held up."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sync import plans
from sync.dispatcher import Dispatcher
from sync.errors import InvalidIntentError, NotAllowedError
from sync.events import ItemChanged
from sync.intent import NEEDS_MAX, Need, fingerprint
from sync.item import Item
from sync.leases import Leases
from sync.loopback import Loopback
from sync.outbox import Edit, Outbox
from sync.placeholders import new_token
from sync.states import State
from sync.transports.outcomes import RejectedError, UncertainError
from sync.transports.port import Offer, Receipt
from tests.sim.profiles import HandClock, create, intent
from tests.unit.sync.planned import CHAT, ISSUE, LINK, a_post, an_issue, send


def test_it_waits_and_takes_over_the_link_everywhere_at_once(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    post, token = a_post(outbox, issue)
    behind = outbox.enqueue(intent("unrelated"), approval=False)
    assert (post.state, post.waits_for, token in post.sentence) == (State.QUEUED, 1, True)
    assert {item.id for item in leases.due()} == {issue.id, behind.id}, "it holds back nobody"
    assert leases.lease("me", CHAT, "none").id == behind.id  # type: ignore[union-attr]
    send(leases, LINK)
    filled = outbox.get(post.id)
    words = "See https://example.org/issues/42 and https://example.org/issues/42."
    assert filled.args == {"text": words, "n": 1}
    assert filled.payload == {"text": words, "list": [{"x": words}, 7, None]}
    assert filled.sentence == f"Message to ops: {words}"
    assert filled.fingerprint == fingerprint(post.tool, CHAT, filled.args, filled.payload)
    assert (filled.waits_for, filled.last_error) == (0, None)
    assert [item.id for item in leases.touched()] == [post.id]
    assert "was put in: https://example.org/issues/42" in outbox.timeline(post.id)[-1]["what"]


def test_order_alone_needs_no_placeholder_and_two_parts_of_one_count_once(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    link, number = new_token(), new_token("number")
    needs = (Need(issue.id), Need(issue.id, link, "url"), Need(issue.id, number, "reference"))
    post = outbox.enqueue(intent(f"{number}: {link}", CHAT, needs=needs), approval=False)
    plain = outbox.enqueue(intent("after it", CHAT, needs=(Need(issue.id),)), approval=False)
    assert (post.waits_for, plain.waits_for) == (1, 1)
    send(leases, LINK)
    assert outbox.get(post.id).payload["text"] == "42: https://example.org/issues/42"
    assert [outbox.get(item.id).waits_for for item in (post, plain)] == [0, 0]


def test_it_waits_for_all_of_several(outbox: Outbox, leases: Leases) -> None:
    first, second = an_issue(outbox), outbox.enqueue(intent("b", "tracker:b"), approval=False)
    post = outbox.enqueue(intent("both", CHAT, needs=(Need(first.id), Need(second.id))), approval=False)
    send(leases, LINK)
    assert outbox.get(post.id).waits_for == 1
    assert leases.lease("me", CHAT, "none") is None
    send(leases, LINK, "tracker:b")
    assert leases.lease("me", CHAT, "none")


def test_one_that_is_already_delivered_is_taken_at_once(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    send(leases, LINK)
    post, token = a_post(outbox, issue)
    assert (post.waits_for, token in post.sentence) == (0, False)


def test_an_item_that_waits_for_a_yes_may_need_others_too(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox, approval=True)
    early, _ = a_post(outbox, issue, approval=True)
    late, _ = a_post(outbox, issue, approval=True)
    assert [item.id for item in outbox.plan(late.id)] == [issue.id, early.id, late.id]
    assert [item.id for item in outbox.needs(late.id)] == [issue.id]
    assert [item.id for item in outbox.needed_by(issue.id)] == [early.id, late.id]
    assert outbox.approve_many([issue.id, early.id]).done == (issue.id, early.id)
    assert leases.lease("me", CHAT, "none") is None
    send(leases, LINK)
    assert outbox.get(late.id).state is State.WAITING_APPROVAL
    assert "issues/42" in outbox.get(late.id).sentence, "the yes is to what will be sent"
    assert leases.lease("me", CHAT, "none").id == early.id  # type: ignore[union-attr]
    assert outbox.approve(late.id).state is State.QUEUED


@pytest.mark.parametrize(
    ("end", "words"),
    [("rejected", "was refused"), ("unknown", "may or may not"), ("expired", "too old"), ("cancelled", "taken back")],
)
def test_dependents_of_one_that_is_held_up_are_held_and_say_so_until_it_goes_on(
    outbox: Outbox, leases: Leases, clock: HandClock, end: str, words: str
) -> None:
    issue = outbox.enqueue(intent("i", ISSUE, expires_at=int((clock.now + 60) * 1_000)), approval=False)
    post, token = a_post(outbox, issue)
    unrelated = outbox.enqueue(intent("unrelated"), approval=False)
    if end == "expired":
        clock.turn(61)
        leases.expire()
    elif end == "cancelled":
        outbox.cancel(issue.id)
    else:
        send(leases, RejectedError("no") if end == "rejected" else UncertainError("reset"))
    held = outbox.get(post.id)
    assert (held.state, held.waits_for) == (State.QUEUED, 1)
    assert words in str(held.last_error)
    assert token in held.payload["text"]
    assert [item.id for item in leases.due()] == [unrelated.id]
    outbox.resolve(issue.id, "retry") if end == "unknown" else outbox.retry(issue.id)
    assert outbox.get(post.id).last_error is None
    assert [item.id for item in outbox.touched()] == [post.id], "the user's decision"
    assert outbox.touched() == []
    send(leases, LINK)
    assert outbox.get(post.id).waits_for == 0


def test_the_users_own_word_that_it_arrived_lets_it_go_if_it_brings_what_is_taken(
    outbox: Outbox, leases: Leases
) -> None:
    first, second = an_issue(outbox), an_issue(outbox)
    post, _ = a_post(outbox, first)
    other, token = a_post(outbox, second, "text")
    outbox.resolve(first.id, "delivered", {"url": " https://example.org/9\n"})
    assert outbox.get(post.id).payload["text"] == "See https://example.org/9 and https://example.org/9."
    outbox.resolve(second.id, "delivered")
    lacking = outbox.get(other.id)
    assert lacking.state is State.CONFLICT, "'You said that it arrived' is no answer of the tracker"
    assert "brought no answer" in str(lacking.last_error)
    assert lacking.conflict
    with pytest.raises(NotAllowedError, match="placeholder"):
        outbox.resolve(other.id, "send")
    assert outbox.resolve(other.id, "retry").state is State.CONFLICT, "nothing has changed"
    assert outbox.edit(other.id, payload={"text": token}).state is State.CONFLICT
    written = outbox.edit(other.id, {"text": "done"}, {"text": "done"}, "Message to ops: done")
    assert (written.state, written.waits_for, written.conflict) == (State.WAITING_APPROVAL, 0, None)
    outbox.approve(other.id)
    assert {item.id for item in leases.due()} == {post.id}, "in order"


def test_a_receipt_without_the_part_is_a_conflict_that_says_so_and_never_leaves(outbox: Outbox, leases: Leases) -> None:
    post, token = a_post(outbox, an_issue(outbox))
    send(leases, Receipt("Made.", "42"))
    conflict = outbox.get(post.id)
    assert conflict.state is State.CONFLICT
    assert "“Issue in web: the bug” brought no link" in str(conflict.last_error)
    assert token in conflict.payload["text"]
    assert leases.lease("me", CHAT, "none") is None


def test_what_a_receipt_says_is_put_in_once_on_one_line_and_bounded(outbox: Outbox, leases: Leases) -> None:
    first, second = an_issue(outbox), an_issue(outbox)
    one, two = new_token(), new_token()
    needs = (Need(first.id, one, "text"), Need(second.id, two, "text"))
    post = outbox.enqueue(intent(f"{one} {two}", CHAT, needs=needs), approval=False)
    send(leases, Receipt(f"{two}"))
    assert outbox.get(post.id).state is State.CONFLICT, "a placeholder that a destination speaks is not taken in"
    long = outbox.enqueue(intent(one, CHAT, needs=(Need(second.id, one, "text"),)), approval=False)
    send(leases, Receipt("a\r\nBcc: eve@example.org\x00" + "x" * 10_000))
    text = outbox.get(long.id).payload["text"]
    assert text.startswith("a Bcc: eve@example.orgx")
    assert len(text) <= 500


def test_what_a_receipt_says_leads_nowhere_else_within_an_address(outbox: Outbox, leases: Leases) -> None:
    """Its tracker is a stranger: it may not choose what the next request of the user's own asks for."""
    issue, token = an_issue(outbox), new_token()
    payload = {"method": "POST", "url": f"https://ci.example/run/{token}?of={token}", "json": {"url": token}}
    deploy = outbox.enqueue(
        intent("deploy", CHAT, payload=payload, needs=(Need(issue.id, token, "reference"),)), approval=False
    )
    send(leases, Receipt("Made.", "../../admin?delete=1#"))
    filled = outbox.get(deploy.id).payload
    coded = "..%2F..%2Fadmin%3Fdelete%3D1%23"
    assert filled["url"] == f"https://ci.example/run/{coded}?of={coded}"
    assert filled["json"] == {"url": "../../admin?delete=1#"}


def test_a_reference_of_dots_alone_is_none(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    post, _ = a_post(outbox, issue, "reference")
    send(leases, Receipt("Made.", ".."))
    assert outbox.get(post.id).state is State.CONFLICT


def test_what_would_become_too_long_is_a_conflict(outbox: Outbox, leases: Leases) -> None:
    issue, token = an_issue(outbox), new_token()
    words = f"{token} " * 100_000
    post = outbox.enqueue(
        intent("x", CHAT, payload={"text": words}, needs=(Need(issue.id, token, "text"),)), approval=False
    )
    send(leases, Receipt("y" * 500))
    assert "too long" in str(outbox.get(post.id).last_error)
    assert outbox.get(post.id).state is State.CONFLICT


def test_the_sentence_stays_within_its_bound(outbox: Outbox, leases: Leases) -> None:
    issue, token = an_issue(outbox), new_token()
    asked = intent("x", CHAT, sentence=f"{token} " * 30, needs=(Need(issue.id, token, "text"),))
    post = outbox.enqueue(asked, approval=False)
    send(leases, Receipt("y" * 500))
    assert len(outbox.get(post.id).sentence) == 1_000


def test_a_successor_takes_the_place_of_its_predecessor(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    post, _ = a_post(outbox, issue)
    send(leases, RejectedError("The title is missing."))
    new = outbox.edit(issue.id, payload={"title": "bug"})
    assert new.replaces == issue.id
    assert outbox.get(post.id).last_error is None
    assert [item.id for item in outbox.needs(post.id)] == [new.id]
    outbox.approve(new.id)
    send(leases, LINK)
    assert "issues/42" in outbox.get(post.id).sentence
    late, _ = a_post(outbox, issue)
    assert late.waits_for == 0, "an id noted earlier finds the successor"


def test_it_may_be_let_go_without_what_it_waits_for_if_it_carries_nothing_of_it(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    post, _ = a_post(outbox, issue)
    plain = outbox.enqueue(intent("after it", CHAT, needs=(Need(issue.id),)), approval=False)
    outbox.cancel(issue.id)
    with pytest.raises(NotAllowedError, match="placeholder"):
        outbox.let_go(post.id)
    assert outbox.let_go(plain.id).last_error is None
    assert [item.id for item in leases.due()] == [plain.id]
    assert outbox.cancel_many([item.id for item in outbox.plan(issue.id)[1:]]).done == (post.id,)


def test_what_waits_for_one_that_was_taken_back_is_told_a_way_that_there_is(outbox: Outbox) -> None:
    issue = outbox.enqueue(intent("i", ISSUE), approval=False)
    post, _ = a_post(outbox, issue)
    plain = outbox.enqueue(intent("after it", CHAT, needs=(Need(issue.id),)), approval=False)
    outbox.cancel(issue.id)
    assert f"send (carryon outbox free {plain.id[:8]}) or cancel" in str(outbox.get(plain.id).last_error)
    assert "or change or cancel this one" in str(outbox.get(post.id).last_error), "it cannot go without the link"
    outbox.let_go(plain.id)
    with pytest.raises(NotAllowedError):
        outbox.let_go(post.id)


def test_what_waits_for_one_waits_for_the_other_once_it_is_handed_over(outbox: Outbox, leases: Leases) -> None:
    issue = outbox.enqueue(intent("i", ISSUE), approval=False)
    other = outbox.enqueue(intent("another", ISSUE), approval=False)
    post, _ = a_post(outbox, issue)
    outbox.hand_over(issue.id, other.id)
    outbox.cancel(issue.id)
    assert (outbox.get(post.id).waits_for, outbox.get(post.id).last_error) == (1, None)
    send(leases, LINK)
    assert outbox.get(post.id).waits_for == 0


def test_dependents_that_grow_too_old_are_held_and_keep_their_place(
    outbox: Outbox, leases: Leases, clock: HandClock
) -> None:
    issue = an_issue(outbox)
    post, _ = a_post(outbox, issue, expires_at=int((clock.now + 60) * 1_000))
    clock.turn(61)
    assert [item.state for item in leases.expire()] == [State.EXPIRED]
    send(leases, LINK)
    filled = outbox.get(post.id)
    assert (filled.state, filled.waits_for) == (State.EXPIRED, 0)
    assert "issues/42" in filled.sentence
    assert leases.lease("me", CHAT, "none") is None
    assert outbox.retry(post.id).state is State.QUEUED


def test_a_cancelled_dependent_comes_back_with_its_needs(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    post, _ = a_post(outbox, issue)
    outbox.cancel(post.id)
    assert outbox.retry(post.id).waits_for == 1
    outbox.cancel(post.id)
    send(leases, LINK)
    assert outbox.retry(post.id).waits_for == 0


def test_a_chain_goes_step_by_step_and_only_the_next_one_says_that_it_is_held(outbox: Outbox, leases: Leases) -> None:
    first = an_issue(outbox)
    second, _ = a_post(outbox, first)
    third = outbox.enqueue(intent("third", "webhook:c", needs=(Need(second.id),)), approval=False)
    send(leases, Receipt("no link"))
    assert outbox.get(second.id).state is State.CONFLICT
    assert "waits for your decision" in str(outbox.get(third.id).last_error)
    outbox.resolve(second.id, "delivered")
    assert [item.id for item in leases.due()] == [third.id]


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (lambda _: (Need("nothing"),), "not in the outbox"),
        (lambda issue: (Need(issue, "result-1234"),), "belong together"),
        (lambda issue: (Need(issue, "", "url"),), "belong together"),
        (lambda issue: (Need(issue, "result-1234", "secret"),), "belong together"),
        (lambda issue: (Need(issue, "short", "url"),), "word of its own"),
        (lambda issue: (Need(issue, "two words", "url"),), "word of its own"),
        (lambda issue: (Need(issue, "result-1234", "url"), Need(issue, "result-12345", "url")), "word of its own"),
        (lambda issue: (Need(issue, "result-9999", "url"),), "has to stand in a text"),
        (lambda issue: (Need(issue, "result-name", "url"),), "cannot be a name"),
        (lambda issue: (Need(issue),) * (NEEDS_MAX + 1), "20 others at most"),
    ],
)
def test_needs_that_make_no_sense_are_refused_before_anything_is_stored(
    outbox: Outbox, needs: Callable[[str], tuple[Need, ...]], words: str
) -> None:
    issue = an_issue(outbox)
    text = "result-12345 result-name short two words"
    with pytest.raises(InvalidIntentError, match=words):
        outbox.enqueue(intent(text, args={"result-name": text}, needs=needs(issue.id)), approval=False)
    assert outbox.counts() == {"queued": 1}


def test_so_many_may_wait_for_one(outbox: Outbox, leases: Leases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "DEPENDENTS_MAX", 2)
    issue = an_issue(outbox)
    waiting = [outbox.enqueue(intent("x", CHAT, needs=(Need(issue.id),)), approval=False) for _ in range(2)]
    with pytest.raises(InvalidIntentError, match="Let this one wait for one of those"):
        outbox.enqueue(intent("x", CHAT, needs=(Need(issue.id),)), approval=False)
    send(leases, LINK)
    assert [outbox.get(item.id).waits_for for item in waiting] == [0, 0]


def test_a_flush_delivers_a_plan_in_its_order_and_tells_of_all_of_it(
    outbox: Outbox, dispatcher: Callable[..., Dispatcher]
) -> None:
    class Tracker(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            super().deliver(item, offer)
            return LINK

    issue = an_issue(outbox)
    post, token = a_post(outbox, issue)
    last = outbox.enqueue(intent("last", ISSUE, needs=(Need(post.id),)), approval=False)
    tracker, chat = Tracker(), Loopback()
    events = dispatcher({ISSUE: tracker, CHAT: chat}).flush_once()
    assert [key for key, _ in tracker.effects] == [issue.id, last.id]
    assert chat.effects == [(post.id, {**post.payload, "text": outbox.get(post.id).payload["text"],
                                       "list": outbox.get(post.id).payload["list"]})]  # fmt: skip
    assert token not in str(chat.effects)
    told = [event.item for event in events if isinstance(event, ItemChanged)]
    assert any(item.id == post.id and item.state is State.QUEUED and "issues/42" in item.sentence for item in told)


def test_two_processes_see_a_plan_whole_or_not_at_all(tmp_path: Path, clock: HandClock) -> None:
    """The receipt and what follows from it are one commit: another connection never sees one without the other."""
    with closing(create(tmp_path / "a.db")) as connection, closing(sqlite3.connect(tmp_path / "a.db")) as other:
        outbox, leases = Outbox(connection, clock), Leases(connection, clock)
        issue = an_issue(outbox)
        post, token = a_post(outbox, issue)
        seen = list[tuple[str, int]]()

        def look(name: str) -> None:
            if name == "settle: row written":
                row = other.execute("SELECT payload, waits_for FROM outbox_item WHERE id = ?", (post.id,)).fetchone()
                seen.append((row[0], row[1]))

        Leases(connection, clock, look)
        item = leases.lease("me", ISSUE, "none")
        assert item
        Leases(connection, clock, look).settle(item, "me", LINK)
        assert seen[0][1] == 1
        assert token in seen[0][0]
        assert outbox.get(post.id).waits_for == 0


def test_many_edits_and_a_plan(outbox: Outbox) -> None:
    issue = an_issue(outbox, approval=True)
    post, token = a_post(outbox, issue, approval=True)
    done = outbox.edit_many({issue.id: Edit(sentence="Issue: b"), post.id: Edit(sentence=f"Post {token}"), "x": Edit()})
    assert done.done == (issue.id, post.id)
    assert "no such item" in done.refused["x"]


def test_what_a_decision_about_many_touched_is_not_kept_and_what_is_erased_is_left_out(
    outbox: Outbox, connection: sqlite3.Connection
) -> None:
    issue = an_issue(outbox)
    a_post(outbox, issue)
    outbox.cancel_many([issue.id])
    assert outbox.touched() == []
    outbox.retry(issue.id)
    connection.execute("DELETE FROM outbox_need")
    connection.execute("DELETE FROM outbox_item")
    assert outbox.touched() == []
