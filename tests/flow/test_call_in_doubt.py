"""A tool of another program that may have done it: what a chat model is told, what it cannot do about it, and what the
user is told in the window and in the terminal, with the choices that there are."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.loop.tool_names import reference
from agent.paths import Paths
from agent.protocol.call_commands import ResolveCall
from agent.protocol.commands import ListItems
from agent.protocol.events import CallSettled, Failed, ItemsListed, StoreChanged
from agent.protocol.records import Call, CallStatus
from agent.session.calls import settled_left
from agent.session.handling import Session
from models.contracts import ChatRequest
from tests.flow.chatting import SETTINGS, Chat, Chatty, chat_with, do
from tests.flow.person import Carryon

CARVER = Path(__file__).parents[1] / "mcp_servers" / "carver.py"
CLASS = {"class": "local", "touches": "files", "repeat": "none", "fresh": "0s"}
CARVE = do("carver_carve", words="hello")


@pytest.fixture
def chat(paths: Paths, home: Path) -> Iterator[Chat]:
    """Its server ends itself instead of answering, and every rule allows it."""
    (home / "order").write_text("silent")
    rules = (
        f'[tools]\n"carver.*" = "allow"\n[servers.carver]\ncommand = ["{sys.executable}", "{CARVER}"]\n'
        f'[servers.carver.env]\nDONE = "{home / "done"}"\nORDER = "{home / "order"}"\n'
    )
    with chat_with(paths, Chatty(), SETTINGS + rules) as made:
        front = made.runtime.servers.front
        shown = front.refresh("carver")
        front.accept(front.classes("carver", {"carve": front.classing(shown, "carve", CLASS)}))
        yield made


def effects(home: Path) -> int:
    return len((home / "done").read_text().splitlines()) if (home / "done").exists() else 0


def results(request: ChatRequest) -> list[str]:
    return [message.text for message in request.messages if message.role == "tool"]


def test_a_model_is_told_so_and_does_not_do_it_again(chat: Chat, home: Path) -> None:
    turn = chat.say("carve", [CARVE], [CARVE], ["Perhaps it is carved."])
    assert [call.status for call in turn.calls] == [CallStatus.UNKNOWN, CallStatus.REFUSED]
    told = json.loads(results(chat.model.requests[1])[0].splitlines()[0])
    assert told["status"] == "it may have been done; the user decides, so do not do it again yourself"
    later = chat.say("and now", [CARVE], ["It waits."])
    assert [call.status for call in later.calls] == [CallStatus.PROPOSED]
    assert any("it may have been done" in said for said in results(chat.model.requests[-1]))
    assert effects(home) == 1


def test_what_is_in_doubt_is_neither_taken_back_nor_changed(chat: Chat, home: Path) -> None:
    (call,) = chat.say("carve", [CARVE], ["Perhaps."]).calls
    undo = do("call_undo", call=reference(call))
    change = do("call_change", call=reference(call), argument="words", value="bye")
    turn = chat.say("no", [undo], [change], ["It may have been done."])
    assert [one.status for one in turn.calls] == [CallStatus.REFUSED] * 2
    assert all("may have been done already" in one.result for one in turn.calls)
    assert chat.runtime.conversations.call(call.id).status is CallStatus.UNKNOWN
    assert effects(home) == 1


def in_doubt(chat: Chat) -> Call:
    (call,) = chat.say("carve", [CARVE], ["Perhaps."]).calls
    assert call.status is CallStatus.UNKNOWN
    return call


def waiting(session: Session) -> tuple[tuple[str, str], ...]:
    """As the window's status line hears of it."""
    (listed,) = session.handle(ListItems(limit=0))
    assert isinstance(listed, ItemsListed)
    return listed.doubts


@pytest.mark.parametrize(
    ("verdict", "status", "more"),
    [("happened", CallStatus.DONE, 0), ("not_happened", CallStatus.REFUSED, 0), ("again", CallStatus.DONE, 1)],
)
def test_the_window_settles_it_as_the_user_says(
    chat: Chat, home: Path, verdict: str, status: CallStatus, more: int
) -> None:
    call = in_doubt(chat)
    (home / "order").write_text("")
    session = Session(chat.runtime)
    assert waiting(session) == ((chat.conversation, call.id),)
    pressed = ResolveCall(call_id=call.id, verdict=verdict, tries=call.tries)
    settled, changed = session.handle(pressed)
    assert isinstance(settled, CallSettled)
    assert isinstance(changed, StoreChanged)
    assert (settled.call.status, effects(home)) == (status, 1 + more)
    assert "outbox" in changed.areas, "what waits for the user is counted anew"
    assert waiting(session) == ()
    with pytest.raises(Exception, match="decided before"):
        list(session.handle(pressed))
    assert effects(home) == 1 + more


def test_a_row_left_behind_is_told_when_a_conversation_is_opened(chat: Chat) -> None:
    """As a copy of Carryon that died meanwhile leaves it."""
    call = in_doubt(chat)
    facts = {"trail": {"begun_by": "elsewhere/1/1.00/x", "begun_until": 1, "tries": 1}}
    chat.runtime.conversations.settle_call(call.id, CallStatus.BEGUN, "", facts)
    settled, told, _ = settled_left(chat.runtime)
    assert isinstance(settled, CallSettled)
    assert (settled.call.id, settled.call.status) == (call.id, CallStatus.UNKNOWN)
    assert isinstance(told, Failed)
    assert told.what.startswith("This may have been done: carver.carve. Carryon ended before the answer came.")
    assert list(settled_left(chat.runtime)) == []


def test_the_terminal_tells_it_and_takes_the_users_word(chat: Chat, carryon: Carryon, home: Path) -> None:
    call = in_doubt(chat)
    facts = {"trail": {"begun_by": "elsewhere/1/1.00/x", "begun_until": 1, "tries": 1}}
    chat.runtime.conversations.settle_call(call.id, CallStatus.BEGUN, "", facts)
    listed = carryon("chat", "resolve")
    assert "This may have been done: carver.carve." in listed.err, "whatever was asked, the first command tells it"
    assert f"carryon chat resolve {call.id[:8]} happened|not-happened|again" in listed.out
    shown = carryon("chat", "show", str(chat.conversation)).out
    assert "[unknown] carver.carve {'words': 'hello'}" in shown
    assert f"carryon chat resolve {call.id[:8]}" in shown
    again = carryon("chat", "resolve", call.id[:8], "again", "--json", code=1).document
    assert (again["status"], effects(home)) == ("unknown", 2), "it ended without an answer once more"
    said = carryon("chat", "resolve", call.id[:8], "happened", "--json").document
    assert (said["status"], said["result"]) == ("done", "You said that it happened.")
    assert carryon("chat", "resolve").out.strip() == "Nothing is in doubt."
    assert "decided before" in carryon("chat", "resolve", call.id[:8], "again", code=2).err
    assert effects(home) == 2
