"""What a chat model can no longer hold is summed up: shown, editable, undone, and never silently."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.compose import build
from agent.loop.fitting import standing
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol import commands
from agent.protocol.events import ContextMeasured, FoldingStarted
from agent.protocol.records import Role
from agent.session.handling import Session
from models.contracts import ChatRequest, ModelInfo, State
from models.errors import WorkerDiedError
from tests.flow.chatting import CHOSEN, Chat, Chatty, chat_with, do
from tests.flow.folding import LONG, NO_TOOLS, _is_full, summary_of, tell, told, until_it_folds


@pytest.fixture
def chat(paths: Paths) -> Iterator[Chat]:
    """Holds some seven such turns."""
    with chat_with(paths, Chatty(n_ctx=2_048), CHOSEN + NO_TOOLS) as made:
        yield made


def test_how_full_it_is_is_told_after_each_turn(chat: Chat) -> None:
    measured = [turn.measured for turn in tell(chat, 3)]
    assert [one.used for one in measured] == sorted(one.used for one in measured)
    assert {(one.limit, one.holds, one.estimated) for one in measured} == {(2_048, 1_536, False)}
    assert measured[-1].conversation_id == chat.conversation
    again = standing(chat.conversation or "", chat.runtime.ports)
    assert again is not None
    assert abs(again.used - measured[-1].used) < 60, "and for one that is only opened"
    assert measured[-1].goes > 0
    assert measured[-1].goes_from.startswith("part 1: a long story")


def test_the_oldest_turns_are_summed_up_and_the_thread_says_so(chat: Chat) -> None:
    turn = until_it_folds(chat, "They told of a journey to Lisbon.")
    (notice,) = turn.notices
    assert notice.role is Role.NOTICE
    assert notice.summary is not None
    assert f"{notice.summary.messages} older messages were summed up" in notice.text
    assert "part 1: a long story" in notice.text
    (started,) = [event for event in turn.events if isinstance(event, FoldingStarted)]
    assert started.messages == notice.summary.messages
    assert notice.summary == summary_of(chat)
    assert (notice.summary.text, notice.summary.made_by) == ("They told of a journey to Lisbon.", "chatty")
    asked = told(chat)
    assert "They told of a journey to Lisbon." in asked[0]
    assert not any(text.startswith("part 1:") for text in asked)
    assert turn.ended.label.summed_up == notice.summary.messages
    own = [message.text for message in chat.messages if message.role is Role.USER]
    assert own == [f"part {number}: {LONG}" for number in range(1, len(own) + 1)], "nothing of the user's is touched"


def test_the_request_for_a_summary_is_small_and_has_no_tools(chat: Chat) -> None:
    until_it_folds(chat, "A journey.")
    request = chat.model.requests[-2]
    assert (request.tools, request.keep, request.temperature) == ((), "", 0.0)
    assert "part 1" in request.messages[-1].text
    assert request.max_tokens <= 512


def test_it_folds_in_big_steps_and_the_prompt_stays_the_same_in_between(chat: Chat) -> None:
    until_it_folds(chat, "A journey.")
    first = chat.model.requests[-1].messages
    later = chat.say("short", ["Yes."])
    assert later.notices == []
    assert chat.model.requests[-1].messages[: len(first)] == first


def test_a_second_summary_takes_the_place_of_the_first_and_stands_for_all(chat: Chat) -> None:
    first = until_it_folds(chat, "First summary.").notices[0].summary
    second = until_it_folds(chat, "Second summary.").notices[0].summary
    assert first
    assert second
    assert second.messages > first.messages
    material = next(request for request in reversed(chat.model.requests) if "Second" not in str(request)
                    and "First summary." in request.messages[-1].text and not request.keep)  # fmt: skip
    assert "Before that: First summary." in material.messages[-1].text
    shown = [message.summary for message in chat.messages if message.summary]
    assert [(one.text, one.is_current) for one in shown if one] == [
        ("First summary.", False),
        ("Second summary.", True),
    ]


def test_a_model_that_cannot_sum_up_leaves_them_out_and_says_so(chat: Chat) -> None:
    turn = until_it_folds(chat, WorkerDiedError("The model stopped: no memory."))
    (notice,) = turn.notices
    assert "were left out for the model" in notice.text
    assert "no memory" in notice.text
    assert turn.ended.message.complete
    assert turn.text.startswith("Heard part")
    assert turn.ended.label.left_out == summary_of(chat).messages
    assert "Older messages of this conversation are not shown" in told(chat)[0]


def test_stop_while_it_sums_up_folds_nothing(chat: Chat) -> None:
    while not (chat.conversation and _is_full(chat)):
        tell(chat, 1)

    def stop(request: ChatRequest) -> str:
        chat.runtime.minds.cancel()
        return "half a summary"

    turn = chat.say(f"next: {LONG}", [stop])
    assert turn.ended.cancelled
    assert turn.notices == []
    assert chat.runtime.conversations.summary(chat.conversation or "") is None
    assert chat.messages[-2].text == f"next: {LONG}"


def test_the_user_edits_turns_off_and_takes_back(chat: Chat) -> None:
    until_it_folds(chat, "Their words.")
    conversations, summary = chat.runtime.conversations, summary_of(chat)
    edited = conversations.edit_summary(summary.id, "  My own words. ")
    assert (edited.text, edited.made_by) == ("My own words.", "you")
    chat.say("and?", ["Yes."])
    assert "My own words." in told(chat)[0]
    conversations.switch_summary(summary.id, on=False)
    off = chat.say("and?", ["Yes."])
    assert "words." not in told(chat)[0]
    assert (off.ended.label.summed_up, off.ended.label.left_out) == (0, summary.messages)
    assert conversations.undo(chat.conversation or "") == "summary"
    assert summary_of(chat).is_on
    assert conversations.undo(chat.conversation or "") == "summary"
    assert summary_of(chat).text == "Their words."


def test_undo_takes_the_summing_up_itself_back(chat: Chat) -> None:
    until_it_folds(chat, "A journey.")
    assert chat.runtime.conversations.undo(chat.conversation or "") == "summary"
    assert not [message for message in chat.messages if message.role is Role.NOTICE]
    assert chat.runtime.conversations.summary(chat.conversation or "") is None
    chat.say("and now?", ["Another summary."], ["Yes."])
    assert summary_of(chat).text == "Another summary."


def test_a_reset_purges_it_and_its_undo_brings_it_back(chat: Chat) -> None:
    until_it_folds(chat, "A canary in Lisbon.")
    conversations, place = chat.runtime.conversations, chat.conversation or ""
    before = chat.messages
    assert "the summary of older messages" in conversations.preview_reset(place).drops_derived
    conversations.reset(place)
    rows = chat.runtime.connection.execute("SELECT count(*) FROM summary").fetchone()[0]
    assert rows == 0
    conversations.undo(place)
    assert chat.messages == before
    conversations.purge(place)
    assert b"canary in Lisbon" not in chat.runtime.paths.database.read_bytes()


def test_an_edit_before_its_end_drops_it_and_one_behind_it_keeps_it(chat: Chat) -> None:
    until_it_folds(chat, "A journey.")
    conversations, place = chat.runtime.conversations, chat.conversation or ""
    own = [message for message in chat.messages if message.role is Role.USER]
    chat.say(own[-1].text, ["Heard anew."], replaces=own[-1].id)
    assert summary_of(chat).text == "A journey.", "the newest message is not among those that it stands for"
    assert chat.turns[-1].notices, "its notice went with the old answer, so there is a new one"
    conversations.rewind(own[0].id)
    assert conversations.summary(place) is None
    conversations.undo(place)
    assert summary_of(chat).text == "A journey."


def test_a_branch_takes_the_summary_along(chat: Chat) -> None:
    until_it_folds(chat, "A journey.")
    branch = chat.runtime.conversations.branch(chat.messages[-1].id)
    assert branch.id != chat.conversation
    chat.conversation = branch.id
    assert summary_of(chat).text == "A journey."
    assert summary_of(chat).conversation_id == branch.id
    assert chat.say("go on", ["Yes."]).notices == []


def test_a_call_that_still_waits_is_named_beside_the_summary(paths: Paths) -> None:
    with chat_with(paths, Chatty(n_ctx=4_096), CHOSEN) as chat:
        mail = do("email_send", to="Dana", body="It is signed.")
        waits = chat.say("mail Dana that it is signed", [mail], ["It waits."]).calls[0]
        until_it_folds(chat, "They spoke of a mail.")
        assert "Still open from then" in told(chat)[0]
        assert waits.id.replace("-", "")[:9] in told(chat)[0]
        undone = chat.say("stop the mail", [do("call_undo", call=waits.id.replace("-", "")[:9])], ["Stopped."])
        assert undone.calls[0].status.value == "undone"


def test_what_is_too_long_for_any_prompt_is_kept_and_said(chat: Chat) -> None:
    turn = chat.say("word " * 3_000)
    assert not turn.ended.message.complete
    assert "longer than this model can hold" in turn.text
    assert chat.messages[0].text == "word " * 3_000
    assert chat.model.requests == []
    after = chat.say("short", ["Many words."], ["Yes."])
    assert (after.text, summary_of(chat).text) == ("Yes.", "Many words."), "the conversation goes on"


def test_a_model_that_counts_more_than_was_thought_is_asked_once_more(paths: Paths) -> None:
    """Its tokens are single letters: the first guess is far off, and what it counted is learned."""
    with chat_with(paths, Chatty(n_ctx=2_048, rate=1.0), CHOSEN) as chat:
        turn = chat.say("hello", ["Hi."])
        assert turn.text == "Hi."
        assert chat.model.refused == 1
        assert chat.say("and again", ["Hi."]).text == "Hi."
        assert chat.model.refused == 1, "learned"
        assert turn.measured.tools_left_out > 0, "what there is no room for is said"


def test_what_the_worker_notes_of_an_answer_is_a_notice_in_the_thread(chat: Chat) -> None:
    chat.model.note = "A saved state was damaged; the text was read anew."
    turn = chat.say("hello", ["Hello."])
    assert [notice.text for notice in turn.notices] == [chat.model.note]
    assert chat.model.note in [message.text for message in chat.messages if message.role is Role.NOTICE]
    assert chat.model.note not in turn.text
    chat.model.note = ""
    chat.say("and again", ["Again."])
    assert "damaged" not in "".join(message.text for message in chat.model.requests[-1].messages)


def test_a_conversation_that_is_not_begun_is_measured_too(chat: Chat) -> None:
    """Once a model is loaded: what it holds, and what of that is taken before a word is written."""
    session = Session(chat.runtime)
    assert list(session.handle(commands.MeasureContext())) == [], "nothing is loaded yet"
    chat.runtime.minds.model(chat.runtime.settings.model_default)
    (fresh,) = session.handle(commands.MeasureContext())
    assert isinstance(fresh, ContextMeasured)
    assert (fresh.conversation_id, fresh.limit, fresh.holds, fresh.goes) == ("", 2_048, 1_536, 0)
    assert 0 < fresh.used < 1_000


class Starved(Chatty):
    """Was loaded for more than there is room for in the end."""

    def __init__(self, *, loaded_for: int, n_ctx: int) -> None:
        super().__init__(n_ctx=n_ctx)
        self.told = replace(self._info, n_ctx=loaded_for, n_ctx_why="as many as it was trained on")

    def info(self) -> ModelInfo:
        return self.told

    def state(self) -> State:
        return replace(super().state(), info=self.told)


def test_a_model_that_cannot_be_given_all_its_room_is_given_less_to_hold(paths: Paths) -> None:
    """Its growing failed: nothing is lost, the oldest turns are folded as for a smaller model."""
    with chat_with(paths, Starved(loaded_for=8_192, n_ctx=2_048), CHOSEN + NO_TOOLS) as chat:
        first = chat.say("hello", ["Hello."]).measured
        assert (first.limit, first.limit_why) == (8_192, "as many as it was trained on")
        for number in range(1, 30):
            chat.model.answers.clear()
            turn = chat.say(f"part {number}: {LONG}", [f"Heard part {number}."], [f"Heard part {number}."])
            if turn.notices:
                break
        assert (turn.measured.limit, turn.measured.limit_why) == (2_048, "there was no room in memory for more")
        assert turn.ended.message.complete
        assert chat.runtime.minds.details()["context"] == 2_048


def test_another_context_in_the_settings_holds_from_the_next_turn_on(paths: Paths) -> None:
    paths.agentrc.write_text(CHOSEN + NO_TOOLS)
    opened: list[Chatty] = []

    def open_model(_name: str) -> Chatty:
        opened.append(Chatty([["Hello."], ["Hello again."]], n_ctx=runtime.settings.model_context or 2_048))
        return opened[-1]

    with build(paths, environ={}, open_model=open_model, offline=True) as runtime:
        windows: list[int] = []
        for asked in (None, None, 8_192, None, "auto"):
            if asked:
                runtime.change_settings({"model.context": asked})
            (measured,) = [one for one in runtime.turn(Request("hi", None)) if isinstance(one, ContextMeasured)]
            windows.append(measured.limit)
    assert windows == [2_048, 2_048, 8_192, 8_192, 2_048]
    assert len(opened) == 3
