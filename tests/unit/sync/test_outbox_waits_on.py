"""Items that wait say for what, in the words of what they wait for."""

from contextlib import closing
from pathlib import Path

from sync.intent import Need
from sync.leases import Leases
from sync.outbox import Outbox
from sync.schema import STEPS
from tests.sim.profiles import HandClock, create, intent
from tests.unit.sync.planned import CHAT, an_issue


def test_an_item_names_what_it_waits_for(outbox: Outbox, leases: Leases) -> None:
    issue, mail = an_issue(outbox), outbox.enqueue(intent("a", "smtp:work", sentence="x" * 200), approval=False)
    needs = (Need(mail.id), Need(issue.id))
    post = outbox.enqueue(intent("b", CHAT, needs=needs), approval=False)
    assert post.waits_on == ("Issue in web: the bug", f"{'x' * 79}…"), "in the order in which they stand"
    outbox.edit(issue.id, sentence="Issue in web: the other bug")
    assert outbox.get(post.id).waits_on[0] == "Issue in web: the other bug"
    outbox.resolve(mail.id, "delivered")
    assert outbox.get(post.id).waits_on == ("Issue in web: the other bug",)
    assert outbox.let_go(post.id).waits_on == ()


def test_it_names_the_successor_of_what_was_edited_after_a_no(outbox: Outbox, leases: Leases) -> None:
    issue = an_issue(outbox)
    post = outbox.enqueue(intent("b", CHAT, needs=(Need(issue.id),)), approval=False)
    outbox._connection.execute("UPDATE outbox_item SET state = 'rejected', offers = 1 WHERE id = ?", (issue.id,))
    outbox.edit(issue.id, sentence="Issue in web: better said")
    assert outbox.get(post.id).waits_on == ("Issue in web: better said",)


def test_of_many_the_first_are_named(outbox: Outbox) -> None:
    needs = tuple(Need(an_issue(outbox).id) for _ in range(5))
    post = outbox.enqueue(intent("b", CHAT, needs=needs), approval=False)
    assert (post.waits_for, len(post.waits_on)) == (5, 3)


def test_items_that_waited_before_there_were_names_have_them_after_the_step(tmp_path: Path) -> None:
    with closing(create(tmp_path / "old.db")) as connection:
        outbox = Outbox(connection, HandClock())
        post = outbox.enqueue(intent("b", CHAT, needs=(Need(an_issue(outbox).id),)), approval=False)
        for name in ("insert", "update", "delete", "renamed"):
            connection.execute(f"DROP TRIGGER outbox_waits_{name}")
        connection.execute("ALTER TABLE outbox_item DROP COLUMN waits_on")
        connection.executescript(dict(STEPS)["outbox_008_waits_on"])
        assert outbox.get(post.id).waits_on == ("Issue in web: the bug",)
