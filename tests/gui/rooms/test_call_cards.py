"""Cards in the transcript: a call that may have been done, and what the calls on the screen wait for."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from agent.protocol import call_commands, commands, events, server_commands
from agent.protocol.outbox_events import CallItemsListed
from agent.protocol.records import Call, CallStatus, Conversation, Message, Role
from agent.protocol.server_events import ServersListed, SignInEnded, SignInWanted
from agent.protocol.server_records import ServerView
from app import demo
from app.views.transcript import ROWS_MAX
from app.views.window import Window
from sync.states import State

MESSAGES = 400
WORDS = "This may have been done: carver.carve. Carryon ended before the answer came."


def opened(*calls: Call) -> events.ConversationOpened:
    messages = tuple(Message(f"m-{call.id}", "old", "t", Role.AGENT, "So.", demo.NOW_MS, (call,)) for call in calls)
    return events.ConversationOpened(conversation=Conversation("old", "Old", 0, 0, len(calls)), messages=messages)


def in_doubt() -> Call:
    facts = {"trail": {"tries": 2}}
    return Call("d1", "t", "carver.carve", {"words": "hello"}, CallStatus.UNKNOWN, WORDS, facts=facts)


def test_a_call_in_doubt_says_so_in_one_sentence_with_its_choices(window: Window, find) -> None:
    window.desk.handle(opened(in_doubt()))
    QApplication.processEvents()
    assert find(window, "cardState-d1").text() == "May have happened: you decide"
    assert find(window, "cardDetail-d1").text() == WORDS
    assert any(label.text() == "hello" for label in find(window, "card-d1").findChildren(QLabel))
    named = ("call_happened", "call_again", "call_not_happened")
    words = [find(window, f"cardAction-{name}-d1").text() for name in named]
    assert words == ["It happened", "Do it again", "It did not happen"]


def test_a_press_is_the_users_word_and_its_answer_ends_the_doubt(window: Window, qtbot: QtBot, collected, find) -> None:
    window.desk.handle(opened(in_doubt()))
    QApplication.processEvents()
    again: QPushButton = find(window, "cardAction-call_again-d1")
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    asked = collected.last(call_commands.ResolveCall)
    assert (asked.call_id, asked.verdict, asked.tries) == ("d1", "again", 2)
    done = replace(in_doubt(), status=CallStatus.DONE, result="Carved.", facts={})
    window.desk.handle(events.CallSettled(cause=asked.id, turn_id="t", call=done))
    QApplication.processEvents()
    assert find(window, "cardState-d1").text() == "Done"
    left = find(window, "card-d1").findChildren(QPushButton, "cardAction-call_again-d1")
    assert [button for button in left if button.isVisible()] == []


def test_of_a_long_conversation_only_what_is_on_the_screen_is_asked_for(window: Window, collected, find) -> None:
    calls = [
        Call(f"c{n}", "t", "email.send", {"to": "Dana"}, CallStatus.QUEUED, outbox_id=f"i{n}") for n in range(MESSAGES)
    ]
    window.desk.handle(opened(*calls))
    QApplication.processEvents()
    asked = [one for one in collected if isinstance(one, call_commands.ListCallItems)]
    wanted = [call_id for one in asked for call_id in one.call_ids]
    assert 0 < len(wanted) <= ROWS_MAX
    assert len(set(wanted)) == len(wanted), "each once"
    assert f"c{MESSAGES - 1}" in wanted
    assert "c0" not in wanted
    last = calls[-1]
    item = replace(demo.ITEMS[0], id="edited twice", replaces="edited once", state=State.CANCELLED)
    window.desk.handle(CallItemsListed(items={last.id: item}))
    QApplication.processEvents()
    assert find(window, f"cardState-{last.id}").text() == "Cancelled"


def wanting(state: str) -> ServersListed:
    view = ServerView("guarded", "https://guarded.test", True, "", "", 1, "", (), sign_in=state)
    return ServersListed(servers=(view,))


def buttons(window: Window, name: str) -> list[QPushButton]:
    return [made for made in window.findChildren(QPushButton, name) if made.isVisible()]


def test_the_card_of_a_server_that_wants_a_sign_in_begins_one(window: Window, qtbot: QtBot, collected, find) -> None:
    facts = {"sign_in": "guarded", "why": "The server guarded wants you to sign in; nothing was done."}
    window.desk.handle(opened(Call("s1", "t", "guarded.add", {"a": 1}, CallStatus.FAILED, "It wants it.", facts=facts)))
    QApplication.processEvents()
    press: QPushButton = find(window, "cardAction-sign_in-s1")
    assert (press.text(), bool(press.focusPolicy() & Qt.FocusPolicy.TabFocus)) == ("Sign in", True)
    press.setFocus()
    qtbot.keyClick(press, Qt.Key.Key_Space)
    assert collected.last(server_commands.SignInServer).name == "guarded"
    window.desk.handle(SignInEnded(server="guarded", signed_in=True, words=""))
    QApplication.processEvents()
    assert buttons(window, "cardAction-sign_in-s1") == []


def test_an_argument_of_that_name_makes_no_button(window: Window) -> None:
    call = Call("s2", "t", "other.add", {}, CallStatus.FAILED, "No.", facts={"sign_in": "guarded"})
    window.desk.handle(opened(call))
    QApplication.processEvents()
    assert buttons(window, "cardAction-sign_in-s2") == []


def test_what_waits_in_the_outbox_for_a_sign_in_has_the_button_while_it_is_wanted(window: Window, collected) -> None:
    item = replace(demo.ITEMS[0], id="i-s", destination="mcp:guarded", state=State.QUEUED)
    window.desk.handle(opened(Call("s3", "t", "guarded.publish", {"text": "a"}, CallStatus.QUEUED, outbox_id="i-s")))
    window.desk.handle(events.ItemChanged(item=item))
    QApplication.processEvents()
    assert buttons(window, "cardAction-sign_in-s3") == []
    window.desk.handle(SignInWanted(server="guarded", waited_for=False))
    assert collected.last(server_commands.ListServers)
    window.desk.handle(wanting("wanted"))
    QApplication.processEvents()
    assert len(buttons(window, "cardAction-sign_in-s3")) == 1
    window.desk.handle(wanting("signed in"))
    QApplication.processEvents()
    assert buttons(window, "cardAction-sign_in-s3") == []


def test_a_yes_is_said_to_be_one_to_what_was_proposed(window: Window, find) -> None:
    proposed = Call("p1", "t", "note.create", {"title": "milk"}, CallStatus.PROPOSED)
    change = Call("p2", "t", "rc.set", {"key": "tone"}, CallStatus.PROPOSED, facts={"diff": "+tone"})
    window.desk.handle(opened(proposed, change))
    QApplication.processEvents()
    hints = [find(window, f"cardAction-accept-{call}").toolTip() for call in ("p1", "p2")]
    assert hints == ["Have this done, once", "Write this change into .agentrc"]


def test_the_status_line_counts_calls_in_doubt_and_a_press_leads_to_the_oldest(
    window: Window, qtbot: QtBot, collected, find
) -> None:
    assert buttons(window, "status-doubts") == []
    window.desk.handle(events.ItemsListed(items=(), counts={}, doubts=(("old", "d1"), ("other", "d2"))))
    line: QPushButton = find(window, "status-doubts")
    assert line.text() == "2 may have happened"
    assert find(window, "rail-chat").accessibleName().endswith("2 wait for you")
    window.show_view("outbox")
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Space)
    assert window.view == "chat"
    assert collected.last(commands.OpenConversation).conversation_id == "old"
    many = [Call(f"c{n}", "t", "note.create", {}, CallStatus.DONE, "Noted.") for n in range(MESSAGES)]
    window.desk.handle(opened(*many[:50], in_doubt(), *many[50:]))
    QApplication.processEvents()
    card = find(window, "card-d1")
    assert not card.visibleRegion().isEmpty()
    focused = QApplication.focusWidget()
    assert focused is card or card.isAncestorOf(focused)
