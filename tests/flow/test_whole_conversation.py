"""Whole conversations with the scripted model over a real profile: ask back, fill, amend, again, undo, other."""

import json
from collections.abc import Mapping
from pathlib import Path

from agent.compose import build
from agent.paths import Paths
from agent.protocol.records import CallStatus, Outcome
from agent.runtime import Runtime
from agent.tools.results import Done
from agent.tools.spec import Connectivity, Idempotency, Kind, Param, ToolSpec
from models.contracts import Decision
from sync.states import State
from tests.flow.talking import SETTINGS, Growing, Talk, called, follow, lacking, pointed, unsure

PARCEL = ToolSpec(
    "parcel.track", "Shows where a parcel is.", "tests.flow.test_whole_conversation:track",
    (Param("number", Kind.TITLE, "The tracking number."),), Connectivity.LOCAL, 0, Idempotency.NONE, frozenset(),
)  # fmt: skip


def track(args: Mapping[str, str], context: object) -> Done:
    return Done({"place": f"{args['number']} is in Bremen"})


def titles(runtime: Runtime, kind: str) -> list[str]:
    return sorted(artifact.title for artifact in runtime.library.list(kind=kind))


def test_an_email_is_asked_about_filled_changed_sent_again_and_taken_back(talk: Talk, runtime: Runtime) -> None:
    asked = talk.say("email Dana", lacking("email.send", "body", to="Dana"))
    assert (asked.outcome, asked.calls) == (Outcome.CLARIFY, [])
    assert asked.text == "What should the e-mail to Dana say?"

    made = talk.say("that it is signed", follow("fill", "email.send", body="it is signed"))
    assert talk.read_with.asked == ("email.send", ("body",))
    assert dict(made.call.args) == {"to": "Dana", "body": "it is signed"}
    assert made.call.status is CallStatus.WAITING

    changed = talk.say("make it Ivo", follow("amend", "email.send", to="Ivo"))
    assert talk.read_with.after == ("email.send",)
    assert talk.read_with.asked is None
    assert changed.call.outbox_id == made.call.outbox_id, "the waiting item itself is edited"
    assert dict(changed.call.args) == {"to": "Ivo", "body": "it is signed"}
    item = runtime.outbox.get(str(made.call.outbox_id))
    assert (item.state, item.payload["to"]) == (State.WAITING_APPROVAL, "ivo@example.org")

    again = talk.say("the same to Dana", follow("again", "email.send", to="Dana"))
    assert again.call.outbox_id != made.call.outbox_id
    assert runtime.outbox.counts() == {"waiting_approval": 2}

    undone = talk.say("no, leave that one", follow("undo", "email.send"))
    assert undone.call.status is CallStatus.UNDONE
    assert dict(undone.call.args) == dict(again.call.args)
    assert [call.id for call in undone.also] == [again.call.id]
    assert runtime.outbox.get(str(again.call.outbox_id)).state is State.CANCELLED
    assert runtime.outbox.get(str(made.call.outbox_id)).state is State.WAITING_APPROVAL


def test_the_question_outlives_the_process(paths: Paths, model: Growing) -> None:
    paths.agentrc.write_text(SETTINGS)
    with build(paths, environ={}, starter=model, offline=True) as first:
        place = Talk(first, model.then, model.asked).say("email Dana", lacking("email.send", "body", to="Dana"))
    later = Growing([])
    with build(paths, environ={}, starter=later, offline=True) as second:
        talk = Talk(second, later.then, later.asked, place.message.conversation_id)
        made = talk.say("it is signed", follow("fill", "email.send", body="it is signed"))
        assert later.asked[-1].asked == ("email.send", ("body",))
        assert dict(made.call.args) == {"to": "Dana", "body": "it is signed"}


def test_one_answer_may_leave_another_question(talk: Talk) -> None:
    talk.say("convert something", lacking("units.convert", "value", "from", "to"))
    more = talk.say("10 miles", follow("fill", "units.convert", value="10", from_="miles"))
    assert more.text == "To which unit?"
    done = talk.say("kilometres", follow("fill", "units.convert", to="kilometres"))
    assert dict(done.call.args) == {"value": "10", "from": "miles", "to": "kilometres"}
    assert done.call.status is CallStatus.DONE


def test_something_else_instead_of_an_answer_is_a_new_request(talk: Talk) -> None:
    talk.say("email Dana", lacking("email.send", "body", to="Dana"))
    other = talk.say("what is 2+2", called("calc.evaluate", expression="2+2"))
    assert other.call.tool == "calc.evaluate"
    talk.say("and now", called("clock.now"))
    assert talk.read_with.asked is None, "the question was let go"


def test_never_mind_lets_the_question_go(talk: Talk, runtime: Runtime) -> None:
    talk.say("email Dana", lacking("email.send", "body", to="Dana"))
    left = talk.say("never mind", follow("undo", "email.send"))
    assert (left.outcome, left.calls) == (Outcome.ANSWERED, [])
    assert runtime.outbox.counts() == {}


def test_a_question_of_a_tool_is_completed_by_its_answer(talk: Talk, runtime: Runtime) -> None:
    asked = talk.say("email Dna: signed", called("email.send", to="Dna", body="signed"))
    assert asked.outcome is Outcome.CLARIFY
    assert [choice.words for choice in asked.message.question.choices] == ["Dana"]
    made = talk.say("yes")
    assert made.call.status is CallStatus.WAITING
    assert runtime.outbox.get(str(made.call.outbox_id)).payload["to"] == "dana@example.org"
    assert made.message.label.level == "rules"
    (answered,) = made.also
    assert (answered.id, answered.facts["answered"]) == (asked.call.id, True)


def test_two_notes_of_one_name_are_told_apart(talk: Talk, runtime: Runtime) -> None:
    older = runtime.library.create("note", "Packing", "old")
    newer = runtime.library.create("note", "Packing", "new")
    asked = talk.say("add socks to packing", called("note.append", title="packing", text="socks"))
    assert len(asked.message.question.choices) == 2
    done = talk.say("the second one")
    assert done.call.artifact_id in (older.id, newer.id)
    texts = sorted(runtime.library.text(note.id) for note in (older, newer))
    assert texts in (["new", "old\nsocks"], ["new\nsocks", "old"])


def test_two_readings_are_offered_and_one_is_picked(talk: Talk, runtime: Runtime) -> None:
    readings = (pointed("task.add", {"title": "call Ivo"}), pointed("note.create", {"body": "call Ivo"}))
    asked = talk.say("call Ivo", unsure(*readings))
    assert asked.text == "Shall I add the task “call Ivo”, or write the note “call Ivo”?"
    assert (asked.outcome, asked.calls) == (Outcome.CLARIFY, [])
    done = talk.say("the note")
    assert done.call.tool == "note.create"
    assert titles(runtime, "note") == ["call Ivo"]
    talk.say("call Ivo", unsure(*readings))
    assert talk.say("no").outcome is Outcome.ANSWERED
    talk.say("call Ivo", unsure(*readings))
    assert talk.say("what time is it", called("clock.now")).call.tool == "clock.now"
    assert titles(runtime, "task") == []


def test_a_task_is_changed_in_place_and_taken_back_step_by_step(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("remind me to call on friday", called("task.add", title="call", due="friday"))
    changed = talk.say("make it monday", follow("amend", "task.add", due="monday"))
    assert changed.call.artifact_id == made.call.artifact_id
    assert dict(changed.call.args) == {"title": "call", "due": "monday"}
    assert len(runtime.library.waiting_timers()) == 1
    task = runtime.library.get(str(made.call.artifact_id))
    assert task.data["said"] == "monday"

    talk.say("undo that", follow("undo", "task.add"))
    assert runtime.library.get(task.id).data["said"] == "friday", "the change is taken back, not the task"
    talk.say("and the whole task", follow("undo", "task.add"))
    assert runtime.library.get(task.id).trashed_at is not None
    assert runtime.library.waiting_timers() == ()
    nothing = talk.say("undo", follow("undo", "task.add"))
    assert (nothing.outcome, nothing.calls) == (Outcome.ANSWERED, [])
    assert "nothing to change" in nothing.text


def test_the_other_note_gets_the_text_and_the_wrong_one_is_as_before(talk: Talk, runtime: Runtime) -> None:
    wrong = runtime.library.create("note", "Packing", "shirts")
    right = runtime.library.create("note", "Packing list", "shoes")
    talk.say("add socks to packing", called("note.append", title="Packing", text="socks"))
    assert runtime.library.text(wrong.id) == "shirts\nsocks"
    other = talk.say("no, the other one", follow("other", "note.append"))
    assert other.call.artifact_id == right.id
    assert runtime.library.text(wrong.id) == "shirts"
    assert runtime.library.text(right.id) == "shoes\nsocks"
    none = talk.say("another one", follow("other", "note.append"))
    assert none.call.status is CallStatus.FAILED
    assert "no other" in none.text
    assert runtime.library.text(right.id) == "shoes\nsocks", "where there is no other, nothing is taken back"


def test_the_other_of_several_is_asked_for_and_nothing_moves_before_the_answer(talk: Talk, runtime: Runtime) -> None:
    notes = {name: runtime.library.create("note", name, "x") for name in ("Trip", "Trip to Rome", "Trip to Oslo")}
    talk.say("add visa to trip", called("note.append", title="Trip", text="visa"))
    asked = talk.say("the other one", follow("other", "note.append"))
    assert asked.outcome is Outcome.CLARIFY
    assert runtime.library.text(notes["Trip"].id) == "x\nvisa"
    talk.say("Trip to Oslo")
    assert [runtime.library.text(note.id) for note in notes.values()] == ["x", "x", "x\nvisa"]


def test_delivered_is_said_honestly_and_a_new_one_waits(talk: Talk, runtime: Runtime) -> None:
    sent = talk.say("email Dana: signed", called("email.send", to="Dana", body="signed"), approve=True)
    runtime.outbox.resolve(str(sent.call.outbox_id), "delivered")
    undone = talk.say("take it back", follow("undo", "email.send"))
    assert undone.call.status is CallStatus.REFUSED
    assert "delivered already" in undone.text
    assert "Rules" not in undone.text
    new = talk.say("make it Ivo", follow("amend", "email.send", to="Ivo"), approve=True)
    assert new.call.status is CallStatus.WAITING, "a second message is never sent without a look"
    assert "delivered already" in new.text
    assert runtime.outbox.get(str(sent.call.outbox_id)).state is State.DELIVERED


def test_an_item_edited_by_hand_is_changed_as_it_stands(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("email Dana: signed", called("email.send", to="Dana", body="signed"))
    runtime.edit_item(str(made.call.outbox_id), {"body": "signed and sealed"})
    changed = talk.say("make it Ivo", follow("amend", "email.send", to="Ivo"))
    assert dict(changed.call.args) == {"to": "Ivo", "body": "signed and sealed"}


def test_a_setting_is_put_back_as_the_file_had_it(talk: Talk, runtime: Runtime, paths: Paths) -> None:
    before = paths.agentrc.read_text()
    talk.say("be terse", called("rc.set", key="tone", value="terse"), approve=True)
    formal = talk.say("formal rather", follow("amend", "rc.set", value="formal"), approve=True)
    assert dict(formal.call.args) == {"key": "tone", "value": "formal"}
    talk.say("undo", follow("undo", "rc.set"))
    assert runtime.settings.tone == "terse"
    talk.say("undo", follow("undo", "rc.set"))
    assert paths.agentrc.read_text() == before


def test_calls_older_than_two_turns_are_not_followed(talk: Talk) -> None:
    talk.say("note x", called("note.create", body="x"))
    for _ in range(2):
        talk.say("hello", Decision("answered", 0.9, topic="greeting"))
        assert talk.read_with.after == ("note.create",)
    talk.say("hello", Decision("answered", 0.9, topic="greeting"))
    assert talk.read_with.after == ("note.create",)
    talk.say("hello", Decision("answered", 0.9, topic="greeting"))
    assert talk.read_with.after == ()


def test_a_reset_leaves_nothing_to_follow(talk: Talk, runtime: Runtime) -> None:
    talk.say("note x", called("note.create", body="x"))
    runtime.conversations.reset(str(talk.conversation))
    talk.say("make it y", Decision("answered", 0.9, topic="other"))
    assert talk.read_with.after == ()


def test_a_dry_run_reads_the_thread_and_stores_nothing(talk: Talk, runtime: Runtime) -> None:
    talk.say("remind me to call on friday", called("task.add", title="call", due="friday"))
    before = runtime.conversations.messages(str(talk.conversation))
    shown = talk.say("make it monday", follow("amend", "task.add", due="monday"), dry=True)
    assert talk.read_with.after == ("task.add",)
    assert (shown.call.status, dict(shown.call.args)) == (CallStatus.PROPOSED, {"title": "call", "due": "monday"})
    gone = talk.say("undo", follow("undo", "task.add"), dry=True)
    assert (gone.call.status, gone.text[:7]) == (CallStatus.UNDONE, "I would")
    assert runtime.conversations.messages(str(talk.conversation)) == before
    assert titles(runtime, "task") == ["call"]


def test_what_is_known_goes_along_newest_first(talk: Talk, runtime: Runtime) -> None:
    for name in ("older", "newer"):
        runtime.library.create("note", name, "x")
    done = runtime.library.add_task("gone")
    runtime.library.mark_task(done.id)
    talk.say("hello", Decision("answered", 0.9, topic="greeting"))
    known = talk.read_with.known
    assert known[:3] == (("contact", "Dana"), ("contact", "Ivo"), ("channel", "ops"))
    assert {kind for kind, _ in known[3:]} == {"title"}
    assert [name for kind, name in known if kind == "title"][-1] == "older"
    assert ("title", "gone") not in known


def test_a_tool_that_is_not_there_is_never_run(talk: Talk) -> None:
    said = talk.say("translate this", called("text.translate", text="this"))
    assert said.call.status is CallStatus.REFUSED
    assert "no tool called text.translate" in said.text


def test_the_trail_is_plain_data(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("note x", called("note.create", body="x"))
    stored = runtime.conversations.call(made.call.id)
    assert json.loads(json.dumps(dict(stored.facts)))["trail"]["undo"][0]["do"] == "trash"


def test_corrections_are_kept_with_consent_only(talk: Talk, runtime: Runtime) -> None:
    talk.say("note x", called("note.create", body="x"))
    talk.say("make it y", follow("amend", "note.create", body="y"))
    assert runtime.corrections.count() == 0
    runtime.change_settings({"learning.corrections": True})
    talk.say("email Dana: signed", called("email.send", to="Dana", body="signed"))
    talk.say("make it Ivo", follow("amend", "email.send", to="Ivo"))
    (pair,) = runtime.corrections.list()
    assert (pair.text, pair.how) == ("email Dana: signed", "amended")
    assert pair.corrected[0].args == {"to": "Ivo", "body": "signed"}
    talk.say("undo", follow("undo", "email.send"))
    talk.say("call Ivo", unsure(pointed("task.add", {"title": "call Ivo"})))
    talk.say("no")
    assert [pair.how for pair in runtime.corrections.list()] == ["said_wrong", "undone", "amended"]


def test_files_are_read_again_without_the_one_that_was_wrong(talk: Talk, runtime: Runtime, home: Path) -> None:
    for folder in ("a", "b"):
        (home / "files" / folder).mkdir(parents=True)
        (home / "files" / folder / "plan.txt").write_text(folder)
    runtime.change_settings({"files.allowed": [str(home / "files")]})
    read = talk.say("read it", called("file.read", path=str(home / "files" / "a" / "plan.txt")))
    assert read.call.facts["text"] == "a"
    other = talk.say("the other plan", follow("other", "file.read"))
    assert other.call.facts["text"] == "b"


def test_a_tool_of_the_users_own_is_offered_asked_about_and_run_by_the_rules(talk: Talk, runtime: Runtime) -> None:
    runtime.registry.register(PARCEL)
    asked = talk.say("where is my parcel", lacking("parcel.track", "number"))
    assert [card.name for card in talk.read_with.tools] == ["parcel.track"]
    assert asked.message.question.lacks == ("number",)
    found = talk.say("1Z999", Decision("handoff", 0.9))
    assert (found.call.status, found.call.facts["place"]) == (CallStatus.DONE, "1Z999 is in Bremen")
    runtime.change_settings({'tools."parcel.*"': "ask"})
    assert talk.say("again", called("parcel.track", number="2")).call.status is CallStatus.PROPOSED
    runtime.change_settings({'tools."parcel.*"': "deny"})
    denied = talk.say("again", called("parcel.track", number="3"))
    assert denied.call.status is CallStatus.REFUSED
    assert "deny parcel.track" in denied.text


def test_a_change_that_has_to_be_approved_waits_and_then_takes_the_place(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("note x", called("note.create", body="x"))
    runtime.change_settings({'tools."note.*"': "ask"})
    asked = talk.say("make it y", follow("amend", "note.create", body="y"))
    assert asked.call.status is CallStatus.PROPOSED
    assert runtime.library.text(str(made.call.artifact_id)) == "x"
    runtime.decide_proposal(asked.call, accept=True)
    assert runtime.library.text(str(made.call.artifact_id)) == "y"
    assert titles(runtime, "note") == ["y"]
    talk.say("undo", follow("undo", "note.create"))
    assert runtime.library.text(str(made.call.artifact_id)) == "x"


def test_a_proposal_is_changed_before_it_was_decided(talk: Talk, runtime: Runtime) -> None:
    first = talk.say("be terse", called("rc.set", key="tone", value="terse"))
    second = talk.say("formal rather", follow("amend", "rc.set", value="formal"))
    assert [(call.id, call.status) for call in second.also] == [(first.call.id, CallStatus.UNDONE)]
    runtime.decide_proposal(second.call, accept=True)
    assert runtime.settings.tone == "formal"


def test_an_amended_recipient_that_is_unknown_is_asked_about_and_then_edited(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("email Dana: signed", called("email.send", to="Dana", body="signed"))
    asked = talk.say("make it Iwo", follow("amend", "email.send", to="Iwo"))
    assert asked.outcome is Outcome.CLARIFY
    assert runtime.outbox.get(str(made.call.outbox_id)).payload["to"] == "dana@example.org"
    done = talk.say("Ivo", follow("fill", "email.send", to="Ivo"))
    assert done.call.outbox_id == made.call.outbox_id
    assert runtime.outbox.get(str(made.call.outbox_id)).payload["to"] == "ivo@example.org"
    assert runtime.outbox.counts() == {"waiting_approval": 1}


def test_a_note_changed_by_hand_keeps_what_was_written(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("note", called("note.create", body="milk\n\nbread\n\neggs\n", title="Groceries"))
    note = str(made.call.artifact_id)
    runtime.library.save(note, "milk\n\nbread\n\neggs\nhoney\n", author="you")
    talk.say("oat milk", follow("amend", "note.create", body="oat milk\n\nbread\n\neggs\n"))
    assert runtime.library.text(note) == "oat milk\n\nbread\n\neggs\nhoney\n"


def test_a_setting_is_found_step_by_step(talk: Talk, runtime: Runtime) -> None:
    asked = talk.say("change a setting", called("rc.set"))
    assert "tone" in [choice.words for choice in asked.message.question.choices]
    values = talk.say("tone")
    assert [choice.words for choice in values.message.question.choices] == ["neutral", "terse", "warm", "formal"]
    proposed = talk.say("the second")
    assert (proposed.call.status, proposed.call.facts["value"]) == (CallStatus.PROPOSED, "terse")
    assert runtime.settings.tone == "neutral"
