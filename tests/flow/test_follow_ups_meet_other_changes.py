"""Follow-ups where something else has changed since: nothing newer is overwritten, no yes is taken for other words, and
no thread reaches into another.
"""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.records import CallStatus, Outcome
from agent.runtime import Runtime
from agent.tools.context import ToolContext
from agent.tools.errors import ToolRefusedError
from agent.tools.results import Done
from agent.tools.spec import Connectivity, Idempotency, Kind, Param, ToolSpec, Touches
from sync import outbox
from sync.states import State
from tests.flow.talking import Growing, Talk, called, follow

EXCUSE = ToolSpec(
    "excuse.find", "Finds an excuse.", "tests.flow.test_follow_ups_meet_other_changes:excuse",
    (Param("why", Kind.TITLE, "What for."),), Connectivity.LOCAL, 0, Idempotency.NONE, frozenset(),
)  # fmt: skip


PAGE = ToolSpec(
    "page.look", "Looks at a page.", "tests.flow.test_follow_ups_meet_other_changes:look",
    (Param("name", Kind.TITLE, "Which."),), Connectivity.LOCAL, 0, Idempotency.NONE, frozenset({Touches.NETWORK}),
)  # fmt: skip


def look(args: Mapping[str, str], context: ToolContext) -> Done:
    return Done({"locked": context.library._connection.in_transaction})


def excuse(args: Mapping[str, str], context: object) -> None:
    raise ToolRefusedError("There is none.")


def state(runtime: Runtime, item_id: str | None) -> State:
    return runtime.outbox.get(str(item_id)).state


def test_a_yes_holds_for_the_words_it_was_given_to(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("email Dana: signed", called("email.send", to="Dana", body="signed"))
    runtime.outbox.approve(str(made.call.outbox_id))
    changed = talk.say("make it Ivo", follow("amend", "email.send", to="Ivo"))
    assert (changed.call.outbox_id, changed.call.status) == (made.call.outbox_id, CallStatus.WAITING)
    assert state(runtime, made.call.outbox_id) is State.WAITING_APPROVAL
    talk.say("Dana after all", follow("amend", "email.send", to="Dana"), approve=True)
    assert state(runtime, made.call.outbox_id) is State.QUEUED, "said yes to beforehand"


def test_what_may_leave_unasked_may_be_changed_unasked(talk: Talk, runtime: Runtime) -> None:
    runtime.change_settings({'tools."email.send"': "allow"})
    made = talk.say("email Dana: signed", called("email.send", to="Dana", body="signed"))
    talk.say("make it Ivo", follow("amend", "email.send", to="Ivo"))
    assert state(runtime, made.call.outbox_id) is State.QUEUED


def test_a_setting_that_was_changed_since_is_not_put_back(talk: Talk, runtime: Runtime) -> None:
    talk.say("be terse", called("rc.set", key="tone", value="terse"), approve=True)
    runtime.change_settings({"tone": "warm"})
    undone = talk.say("undo", follow("undo", "rc.set"))
    assert undone.call.status is CallStatus.REFUSED
    assert "since" in undone.text
    assert runtime.settings.tone == "warm"


@pytest.mark.parametrize(
    ("key", "value"), [("emoji", "on"), ("timezone", "Europe/Paris"), ("tools.email.send", "deny"), ("language", "de")]
)
def test_a_setting_of_any_kind_is_put_back(talk: Talk, runtime: Runtime, paths: Paths, key: str, value: str) -> None:
    before = paths.agentrc.read_text()
    assert talk.say("set it", called("rc.set", key=key, value=value), approve=True).call.status is CallStatus.DONE
    assert paths.agentrc.read_text() != before
    assert talk.say("undo", follow("undo", "rc.set")).call.status is CallStatus.UNDONE
    assert paths.agentrc.read_text().rstrip() == before.rstrip()


def test_a_task_that_was_renamed_keeps_its_name(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("remind me", called("task.add", title="invoice Dana", due="on friday"))
    task = str(made.call.artifact_id)
    runtime.library.rename(task, "Invoice Dana Ito")
    talk.say("make that monday", follow("amend", "task.add", due="on monday"))
    assert runtime.library.get(task).title == "Invoice Dana Ito"
    assert runtime.library.get(task).data["said"] == "on monday"


def test_a_note_said_anew_keeps_what_another_thread_added(talk: Talk, runtime: Runtime, model: Growing) -> None:
    made = talk.say("note", called("note.create", body="milk\n\nbread\n\neggs\n", title="Groceries"))
    Talk(runtime, model.then, model.asked).say("add honey", called("note.append", title="Groceries", text="honey"))
    talk.say("oat milk", follow("amend", "note.create", body="oat milk\n\nbread\n\neggs\n"))
    assert runtime.library.text(str(made.call.artifact_id)) == "oat milk\n\nbread\n\neggs\nhoney"


def test_a_change_said_differently_is_made_to_the_same_call(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("remind me", called("task.add", title="invoice Dana", due="on friday"))
    changed = talk.say("make that monday", follow("amend", "task.add", due="on monday"))
    asked = runtime.conversations.question_of(changed.message.id)
    talk.script(follow("amend", "task.add", due="on tuesday"))
    list(runtime.turn(Request("make that tuesday", replaces=asked.id)))
    assert runtime.library.get(str(made.call.artifact_id)).data["said"] == "on tuesday"


def test_undo_answered_again_takes_nothing_older_back(talk: Talk, runtime: Runtime) -> None:
    talk.say("task", called("task.add", title="call Ivo"))
    talk.say("task", called("task.add", title="call Dana"))
    undone = talk.say("undo that", follow("undo", "task.add"))
    asked = runtime.conversations.question_of(undone.message.id)
    talk.script(follow("undo", "task.add"))
    list(runtime.turn(Request(asked.text, replaces=asked.id)))
    assert [task.title for task in runtime.library.tasks()] == ["call Ivo"]
    assert talk.say("undo that", follow("undo", "task.add")).outcome is Outcome.ANSWERED


def test_undo_said_twice_takes_two_back(talk: Talk, runtime: Runtime) -> None:
    for who in ("Ivo", "Dana"):
        talk.say("task", called("task.add", title=f"call {who}"))
    for _ in range(2):
        talk.say("undo that", follow("undo", "task.add"))
    assert runtime.library.tasks() == ()


def test_a_branch_never_settles_calls_of_the_thread_it_came_from(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("remind me", called("task.add", title="invoice Dana", due="on friday"))
    changed = talk.say("make that monday", follow("amend", "task.add", due="on monday"))
    before = runtime.conversations.messages(str(talk.conversation))
    early, late = (
        replace(talk, conversation=runtime.conversations.branch(answer.message.id).id) for answer in (made, changed)
    )
    late.say("undo", follow("undo", "task.add"))
    early.say("make that tuesday", follow("amend", "task.add", due="on tuesday"))
    assert runtime.library.get(str(made.call.artifact_id)).data["said"] == "on tuesday"
    assert runtime.conversations.messages(str(talk.conversation)) == before


def test_a_question_is_answered_in_a_branch_for_that_branch(talk: Talk, runtime: Runtime) -> None:
    for body in ("one", "two"):
        runtime.library.create("note", "Trip", body)
    asked = talk.say("add visa", called("note.append", title="Trip", text="visa"))
    before = runtime.conversations.messages(str(talk.conversation))
    branch = replace(talk, conversation=runtime.conversations.branch(asked.message.id).id)
    answered = branch.say("the second")
    assert (answered.outcome, answered.call.status) == (Outcome.CALLED, CallStatus.DONE)
    assert answered.also[0].facts["answered"] is True, "the branch's own copy of the question"
    assert runtime.conversations.messages(str(talk.conversation)) == before


def test_an_argument_may_have_any_name(talk: Talk, runtime: Runtime, paths: Paths) -> None:
    runtime.registry.register(EXCUSE)
    talk.say("an excuse", called("excuse.find", why="being late"))
    undone = talk.say("take it back", follow("undo", "excuse.find"))
    assert undone.call.status is CallStatus.REFUSED
    assert undone.call.facts["why"] == "It changed nothing, so there is nothing to take back."


def test_what_was_approved_and_turns_out_unclear_is_completed_by_the_answer(talk: Talk, runtime: Runtime) -> None:
    notes = [runtime.library.create("note", "Trip", body).id for body in ("one", "two")]
    runtime.change_settings({'tools."note.append"': "ask"})
    proposed = talk.say("add visa", called("note.append", title="Trip", text="visa"))
    assert runtime.decide_proposal(proposed.call, accept=True).facts["ask"] == "which_note"
    picked = talk.say("the second", approve=True)
    assert picked.call.status is CallStatus.DONE
    assert sorted(runtime.library.text(note) for note in notes) in (["one", "two\nvisa"], ["one\nvisa", "two"])


def test_a_full_outbox_ends_the_turn_with_words(talk: Talk, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "OPEN_ROWS_MAX", 0)
    full = talk.say("email Dana: signed", called("email.send", to="Dana", body="signed"))
    assert full.call.status is CallStatus.FAILED
    assert "Cancel some first." in full.text
    assert runtime.conversations.unfinished_turns() == ()


def test_a_proposal_said_anew_runs_without_the_write_lock(talk: Talk, runtime: Runtime) -> None:
    runtime.registry.register(PAGE)
    runtime.change_settings({'tools."page.look"': "ask"})
    proposed = talk.say("look at the news", called("page.look", name="news"))
    looked = talk.say("the weather", follow("amend", "page.look", name="weather"), approve=True)
    assert looked.call.facts["locked"] is False
    assert runtime.conversations.call(proposed.call.id).status is CallStatus.UNDONE
