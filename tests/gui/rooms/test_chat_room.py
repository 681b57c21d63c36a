"""The chat room over recorded events: what is pressed becomes a command, what is told is shown."""

from dataclasses import replace
from threading import Thread

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events
from agent.protocol.records import Message, Outcome, Role
from app import demo
from app.bridge import Bridge
from app.views.message import MessageView
from app.views.transcript import ROWS_MAX
from app.views.window import Window
from sync.states import State

MEGABYTE = "All work and no play makes a long paste. " * 25_000


def box(window: Window) -> QPlainTextEdit:
    return window.chat.composer.box


def test_enter_sends_and_shift_enter_makes_a_line(full: Window, qtbot: QtBot, collected) -> None:
    qtbot.keyClicks(box(full), "one")
    qtbot.keyClick(box(full), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(box(full), "two")
    qtbot.keyClick(box(full), Qt.Key.Key_Return)
    sent = collected.last(commands.SendMessage)
    assert (sent.text, sent.conversation_id) == ("one\ntwo", demo.THREAD)
    assert box(full).toPlainText() == ""


def test_a_draft_is_kept_without_being_asked(full: Window, qtbot: QtBot, collected) -> None:
    qtbot.keyClicks(box(full), "half a thought")
    qtbot.waitUntil(lambda: any(isinstance(command, commands.SaveDraft) for command in collected), timeout=5_000)
    assert collected.last(commands.SaveDraft).text == "half a thought"


def test_closing_the_window_keeps_what_is_in_the_box(full: Window, qtbot: QtBot, collected) -> None:
    qtbot.keyClicks(box(full), "not yet sent")
    full.close()
    assert collected.last(commands.SaveDraft).text == "not yet sent"


def test_a_megabyte_pasted_is_a_chip_and_kept_whole(full: Window, qtbot: QtBot, collected, find) -> None:
    assert len(MEGABYTE) > 1_000_000
    data = QMimeData()
    data.setText(MEGABYTE)
    box(full).insertFromMimeData(data)
    assert box(full).toPlainText() == ""
    assert find(full, "paste-0").text().startswith("Pasted text · 1.0 MB")
    assert collected.last(commands.SaveDraft).text == MEGABYTE
    qtbot.keyClick(box(full), Qt.Key.Key_Return)
    assert collected.last(commands.SendMessage).text == MEGABYTE


def test_a_megabyte_in_the_transcript_is_shown_in_part(full: Window, find) -> None:
    long = Message("big", demo.THREAD, "t", Role.USER, MEGABYTE, demo.NOW_MS)
    full.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=(long,)))
    QApplication.processEvents()
    view = full.findChild(MessageView, "message-big")
    assert len(view.findChild(QTextBrowser).toPlainText()) < 10_000
    assert find(view, "messageShowAll").text() == "Show all (1.0 MB)"
    find(view, "messageShowAll").click()
    whole = find(full, "wholeTextBody")
    assert whole.toPlainText().replace("\n", "") == MEGABYTE


def test_only_text_can_be_pasted(full: Window) -> None:
    data = QMimeData()
    data.setHtml("<img src='http://evil.example/x.png'><b>bold</b>")
    data.setText("bold")
    box(full).insertFromMimeData(data)
    assert box(full).toPlainText() == "bold"


def test_escape_stops_a_running_answer(full: Window, qtbot: QtBot, collected) -> None:
    asked = Message("m9", demo.THREAD, "t9", Role.USER, "long story", demo.NOW_MS)
    full.desk.handle(events.TurnStarted(turn_id="t9", message=asked))
    qtbot.keyClick(box(full), Qt.Key.Key_Escape)
    assert isinstance(collected[-1], commands.CancelTurn)


def test_up_takes_the_last_message_back_in(full: Window, qtbot: QtBot, find) -> None:
    qtbot.keyClick(box(full), Qt.Key.Key_Up)
    assert box(full).toPlainText().startswith("email Dana")
    assert find(full, "composerEditing").isVisible()
    qtbot.keyClick(box(full), Qt.Key.Key_Escape)
    assert box(full).toPlainText() == ""


def test_approve_on_the_card(full: Window, collected, find) -> None:
    assert find(full, "cardState-k3").text() == "Waiting for your approval"
    find(full, "cardAction-approve-k3").click()
    assert collected.last(commands.ApproveItem).item_id == demo.ITEMS[0].id
    full.desk.handle(events.ItemChanged(item=replace(demo.ITEMS[0], state=State.QUEUED)))
    assert find(full, "cardState-k3").text() == "Queued until online"
    done = replace(demo.ITEMS[0], state=State.DELIVERED, delivered_at=demo.NOW_MS)
    full.desk.handle(events.ItemChanged(item=done))
    assert find(full, "cardState-k3").text().startswith("Delivered ")
    assert find(full, "toastText").text().startswith("Delivered: E-mail to")


def test_edit_on_the_card_opens_the_fields_beside_it(full: Window, collected, find) -> None:
    find(full, "cardAction-edit-k3").click()
    field = find(full, "itemField-subject")
    field.setText("Signed at last")
    find(full, "itemSave").click()
    edited = collected.last(commands.EditItem)
    assert edited.args == {**demo.ITEMS[0].args, "subject": "Signed at last"}


def test_a_proposed_setting_shows_its_difference(full: Window, collected, find) -> None:
    full.desk.handle(demo.longer())
    QApplication.processEvents()
    assert '+tone = "terse"' in find(full, "cardDiff-k5").toPlainText()
    find(full, "cardAction-accept-k5").click()
    decided = collected.last(commands.DecideProposal)
    assert (decided.call_id, decided.accept) == ("k5", True)


def test_reset_sheet_and_undo(full: Window, collected, find) -> None:
    find(full, "reset").click()
    assert collected.last(commands.PreviewReset).conversation_id == demo.THREAD
    full.desk.handle(events.ResetPreviewed(preview=demo.RESET))
    assert find(full, "resetKeeps").text() == "Keeps 4 works in the Library and 2 items in the Outbox"
    assert find(full, "resetLetsGo").text() == "Lets go of 41 messages"
    find(full, "resetConfirm").click()
    assert collected.last(commands.ResetConversation).conversation_id == demo.THREAD
    empty = replace(demo.CONVERSATIONS[0], can_undo=True)
    full.desk.handle(events.ConversationReset(conversation=empty, preview=demo.RESET))
    full.desk.handle(events.ConversationOpened(conversation=empty, messages=()))
    find(full, "toastAction").click()
    assert collected.last(commands.UndoConversation).conversation_id == demo.THREAD
    assert find(full, "undo").isVisible(), "undo stays after the note is gone"


def test_a_thousand_messages_are_a_few_dozen_widgets(full: Window, qtbot: QtBot) -> None:
    messages = tuple(
        Message(f"n{i}", demo.THREAD, f"u{i}", (Role.USER, Role.AGENT)[i % 2], f"Message {i} of **many**", demo.NOW_MS)
        for i in range(1_000)
    )
    full.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=messages))
    transcript = full.chat.transcript
    qtbot.waitUntil(lambda: full.findChild(MessageView, "message-n990") is not None, timeout=5_000)
    assert len(shown(full)) <= ROWS_MAX
    bar = transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0, timeout=5_000)

    qtbot.keyClick(transcript, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: full.findChild(MessageView, "message-n0") is not None, timeout=5_000)
    qtbot.waitUntil(lambda: bar.value() == 0, timeout=5_000)
    for _ in range(8):  # down again, a page at a time
        last = newest(transcript)
        bar.setValue(bar.maximum())
        qtbot.waitUntil(lambda last=last: newest(transcript) != last, timeout=10_000)
        assert len(shown(full)) <= ROWS_MAX
    qtbot.keyClick(transcript, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: full.findChild(MessageView, "message-n999") is not None, timeout=5_000)


def newest(transcript: QWidget) -> str:
    return max((view.objectName() for view in transcript.findChildren(MessageView)), key=lambda name: int(name[9:]))


def shown(window: Window) -> list[MessageView]:
    return [view for view in window.findChildren(MessageView) if view.isVisible()]


def test_the_readers_place_holds_while_older_messages_come(full: Window, qtbot: QtBot) -> None:
    messages = tuple(Message(f"n{i}", demo.THREAD, f"u{i}", Role.USER, f"Message {i}", demo.NOW_MS) for i in range(200))
    full.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=messages))
    transcript = full.chat.transcript
    bar = transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: full.findChild(MessageView, "message-n184") is not None, timeout=5_000)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 300, timeout=5_000)
    bar.setValue(min(350, bar.maximum() - 100))
    # The first message that is seen, if only in part: what is below it moves when it grows by a line as it is laid out.
    seen = (view for view in shown(full) if top_of(view, transcript) + view.height() > 0)
    read = min(seen, key=lambda view: top_of(view, transcript))
    before = top_of(read, transcript)
    qtbot.waitUntil(lambda: full.findChild(MessageView, "message-n170") is not None, timeout=5_000)

    def held() -> None:
        assert abs(top_of(read, transcript) - before) <= 12  # a bubble may yet settle by a line's fraction

    qtbot.waitUntil(held, timeout=3_000)


def top_of(view: QWidget, transcript: QWidget) -> int:
    return view.mapTo(transcript, view.rect().topLeft()).y()


def test_tokens_from_another_thread_arrive_whole_and_in_order(full: Window, qtbot: QtBot) -> None:
    bridge = Bridge(full.desk.handle)
    asked = Message("m9", demo.THREAD, "t9", Role.USER, "count", demo.NOW_MS)
    words = [f"{number} " for number in range(5_000)]

    def speak() -> None:
        bridge.receive(events.TurnStarted(turn_id="t9", message=asked))
        for index, word in enumerate(words):
            bridge.receive(events.TokenArrived(turn_id="t9", index=index, text=word))
        answer = Message("m10", demo.THREAD, "t9", Role.AGENT, "".join(words), demo.NOW_MS, label=demo.label(9))
        bridge.receive(events.TurnEnded(turn_id="t9", message=answer, outcome=Outcome.ANSWERED, label=demo.label(9)))

    seen: list[str] = []
    full.desk.chat.listen(lambda part, _: seen.append(full.desk.chat.rows[-1].text) if part == "row" else None)
    thread = Thread(target=speak)
    thread.start()
    qtbot.waitUntil(lambda: full.desk.chat.row("m10") is not None, timeout=20_000)
    thread.join(10)
    whole = "".join(words)
    assert full.desk.chat.rows[-1].text == whole
    assert all(whole.startswith(text) for text in seen)
    bridge.close()


def test_welcome_examples_land_in_the_box(window: Window, find) -> None:
    for event in demo.afternoon(first_run=True):
        window.desk.handle(event)
    QApplication.processEvents()
    find(window, "example-0").click()
    assert box(window).toPlainText().startswith("email dana@example.org that the contract is signed, and remind me")
    find(window, "welcomeNext").click()
    find(window, "welcomeNext").click()
    assert find(window, "welcomePath").text() == "~/.agentrc"
    find(window, "welcomeSkip").click()
    assert not window.desk.welcome.shown


def test_links_are_shown_before_they_open(full: Window, find) -> None:
    answer = Message("l1", demo.THREAD, "t", Role.AGENT, "[my bank](https://evil.example/bank)", demo.NOW_MS,
                     label=demo.label(5))  # fmt: skip
    full.desk.handle(events.ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=(answer,)))
    QApplication.processEvents()
    body = full.findChild(MessageView, "message-l1").findChild(QTextBrowser)
    body.anchorClicked.emit("https://evil.example/bank")
    asked = find(full, "openLink")
    assert asked.informativeText() == "https://evil.example/bank"
    asked.reject()


def test_search_finds_its_field(full: Window, qtbot: QtBot, collected) -> None:
    qtbot.keyClick(full, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(full.chat.conversations.search, "lisbon")
    qtbot.waitUntil(
        lambda: any(isinstance(c, commands.ListConversations) and c.query == "lisbon" for c in collected), timeout=5_000
    )


def test_labels_never_render_markup(full: Window) -> None:
    rich = [label for label in full.findChildren(QLabel)
            if label.textFormat() is not Qt.TextFormat.PlainText and label.text()]  # fmt: skip
    assert rich == []
    assert full.findChildren(QPushButton)
