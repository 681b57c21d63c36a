"""The chat room: turns, conversations, reset and undo, proposed settings."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.corrections.lessons import by_starter
from agent.loop.fitting import standing
from agent.loop.ports import Request
from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.protocol.records import Call, CallStatus
from agent.session.calls import settled_left

if TYPE_CHECKING:
    from agent.compose import Runtime

CONVERSATIONS_SHOWN_MAX = 200
NO_CONSENT = "Nothing was kept: learning.corrections is off. Settings is where you can switch it on."
NOT_KEPT = "Nothing was kept: the message is too long, or it may hold a secret."
NOT_THE_STARTERS = "Nothing was kept: only what the starter decides is learned from, and it did not make this answer."


def send(runtime: "Runtime", command: commands.SendMessage) -> Iterator[Event]:
    request = Request(command.text, command.conversation_id, cause=command.id, sources=command.sources)
    place = command.conversation_id
    comes_back = place is not None and runtime.conversations.get(place).trashed_at is not None
    yield from _turn(runtime, request)
    if place is not None and comes_back:
        yield events.ConversationRestored(cause=command.id, conversation=runtime.conversations.get(place))


def _turn(runtime: "Runtime", request: Request) -> Iterator[Event]:
    yield from _followed(runtime, runtime.turn(request), request.cause)


def _followed(runtime: "Runtime", turn: Iterator[Event], cause: str) -> Iterator[Event]:
    """What a turn changed is told at its end, and what it put in the outbox is tried at once."""
    areas = set[str]()
    for event in turn:
        areas |= {"conversations", "library", "outbox"}
        yield event
        if isinstance(event, events.CallSettled):
            if event.call.status is CallStatus.QUEUED:
                runtime.nudge()
            if event.call.tool == "rc.set":
                areas.add("settings")  # one that was made may have been put back
    if areas:
        yield events.StoreChanged(cause=cause, areas=frozenset(areas))


def resume(runtime: "Runtime", command: commands.ResumeFetched) -> Iterator[Event]:
    """In one conversation; the session's thread asks again while there are more."""
    yield from _followed(runtime, runtime.resume(command.item_id, command.id), command.id)


def edit(runtime: "Runtime", command: commands.EditMessage) -> Iterator[Event]:
    before = runtime.lessons.reading(runtime.conversations.message(command.message_id))
    turn_id, calls = "", list[Call]()
    request = Request(command.text, cause=command.id, replaces=command.message_id, sources=command.sources)
    for event in _instead(runtime, request):
        if isinstance(event, events.TurnStarted):
            turn_id = event.turn_id
        if isinstance(event, events.CallSettled) and event.turn_id == turn_id:  # not earlier ones that changed with it
            calls.append(event.call)
        yield event
    if before and not command.sources:
        runtime.lessons.asked_again(before, command.text, calls)


def mark_misread(runtime: "Runtime", command: commands.MarkMisread) -> Iterator[Event]:
    kept = runtime.lessons.said_wrong(command.message_id) is not None
    consent = runtime.settings.learning_corrections
    own = by_starter(runtime.conversations.message(command.message_id))
    why = "" if kept else NO_CONSENT if not consent else NOT_KEPT if own else NOT_THE_STARTERS
    yield events.MisreadMarked(cause=command.id, message_id=command.message_id, kept=kept, why=why)


def regenerate(runtime: "Runtime", command: commands.Regenerate) -> Iterator[Event]:
    asked = runtime.conversations.question_of(command.message_id)
    yield from _instead(runtime, Request(asked.text, cause=command.id, replaces=asked.id, sources=asked.sources))


def _instead(runtime: "Runtime", request: Request) -> Iterator[Event]:
    """The thread is shown as it now stands, without what was replaced, before the new answer begins."""
    for event in _turn(runtime, request):
        if isinstance(event, events.TurnStarted):
            opened = _reopened(runtime, event.message.conversation_id, request.cause)
            yield replace(opened, messages=tuple(item for item in opened.messages if item.id != event.message.id))
        yield event


def save_draft(runtime: "Runtime", command: commands.SaveDraft) -> Iterator[Event]:
    runtime.conversations.save_draft(command.conversation_id, command.text, command.sources)
    yield from ()


def list_conversations(runtime: "Runtime", command: commands.ListConversations) -> Iterator[Event]:
    found = runtime.conversations.search(command.query, trashed=command.trashed, limit=CONVERSATIONS_SHOWN_MAX)
    draft, sources = runtime.conversations.draft(None), runtime.conversations.draft_sources(None)
    yield events.ConversationsListed(
        cause=command.id, conversations=tuple(found), query=command.query, draft=draft, draft_sources=sources
    )


def open_conversation(runtime: "Runtime", command: commands.OpenConversation) -> Iterator[Event]:
    yield from settled_left(runtime)
    yield _reopened(runtime, command.conversation_id, command.id)
    yield from _measured(runtime, command.conversation_id, command.id)


def measure(runtime: "Runtime", command: commands.MeasureContext) -> Iterator[Event]:
    yield from _measured(runtime, command.conversation_id, command.id)


def _measured(runtime: "Runtime", conversation_id: str, cause: str) -> Iterator[Event]:
    """How full the chat model's memory of it is, where one talks."""
    if measured := standing(conversation_id, runtime.ports):
        yield replace(measured, cause=cause)


def _reopened(runtime: "Runtime", conversation_id: str, cause: str) -> events.ConversationOpened:
    conversation = runtime.conversations.get(conversation_id)
    messages = runtime.conversations.messages(conversation_id)
    return events.ConversationOpened(cause=cause, conversation=conversation, messages=tuple(messages))


def new(runtime: "Runtime", command: commands.NewConversation) -> Iterator[Event]:
    conversation = runtime.conversations.create(command.title)
    yield from _changed(runtime, conversation.id, command.id)


def rename(runtime: "Runtime", command: commands.RenameConversation) -> Iterator[Event]:
    runtime.conversations.rename(command.conversation_id, command.title)
    yield events.StoreChanged(cause=command.id, areas=frozenset({"conversations"}))


def branch(runtime: "Runtime", command: commands.BranchConversation) -> Iterator[Event]:
    conversation = runtime.conversations.branch(command.message_id)
    yield from _changed(runtime, conversation.id, command.id)


def _changed(runtime: "Runtime", conversation_id: str, cause: str) -> Iterator[Event]:
    yield _reopened(runtime, conversation_id, cause)
    yield from _measured(runtime, conversation_id, cause)
    yield events.StoreChanged(cause=cause, areas=frozenset({"conversations"}))


def preview_reset(runtime: "Runtime", command: commands.PreviewReset) -> Iterator[Event]:
    yield events.ResetPreviewed(cause=command.id, preview=runtime.conversations.preview_reset(command.conversation_id))


def reset(runtime: "Runtime", command: commands.ResetConversation) -> Iterator[Event]:
    preview = runtime.conversations.reset(command.conversation_id)
    conversation = runtime.conversations.get(command.conversation_id)
    yield events.ConversationReset(cause=command.id, conversation=conversation, preview=preview)
    yield from _changed(runtime, command.conversation_id, command.id)


def undo(runtime: "Runtime", command: commands.UndoConversation) -> Iterator[Event]:
    undone = runtime.conversations.undo(command.conversation_id)
    yield from _changed(runtime, command.conversation_id, command.id)
    if undone == "trash":
        conversation = runtime.conversations.get(command.conversation_id)
        yield events.ConversationRestored(cause=command.id, conversation=conversation)


def trash(runtime: "Runtime", command: commands.TrashConversation) -> Iterator[Event]:
    conversation = runtime.conversations.trash(command.conversation_id)
    yield events.ConversationTrashed(cause=command.id, conversation=conversation)
    yield events.StoreChanged(cause=command.id, areas=frozenset({"conversations"}))


def export(runtime: "Runtime", command: commands.ExportConversation) -> Iterator[Event]:
    runtime.conversations.export(command.conversation_id, Path(command.path))
    yield events.Exported(cause=command.id, path=command.path)


def edit_summary(runtime: "Runtime", command: commands.EditSummary) -> Iterator[Event]:
    summary = runtime.conversations.edit_summary(command.summary_id, command.text)
    yield from _changed(runtime, summary.conversation_id, command.id)


def switch_summary(runtime: "Runtime", command: commands.SwitchSummary) -> Iterator[Event]:
    summary = runtime.conversations.switch_summary(command.summary_id, on=command.on)
    yield from _changed(runtime, summary.conversation_id, command.id)


def decide_proposal(runtime: "Runtime", command: commands.DecideProposal) -> Iterator[Event]:
    """The user's yes or no to a change of settings that rc.set proposed."""
    call = runtime.decide_proposal(runtime.conversations.call(command.call_id), accept=command.accept)
    yield events.CallSettled(cause=command.id, turn_id=call.turn_id, call=call)
    yield events.StoreChanged(cause=command.id, areas=frozenset({"settings", "conversations", "library"}))


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[Event]]] = {
    commands.SendMessage: send,
    commands.ResumeFetched: resume,
    commands.EditMessage: edit,
    commands.Regenerate: regenerate,
    commands.MarkMisread: mark_misread,
    commands.SaveDraft: save_draft,
    commands.ListConversations: list_conversations,
    commands.OpenConversation: open_conversation,
    commands.MeasureContext: measure,
    commands.NewConversation: new,
    commands.RenameConversation: rename,
    commands.BranchConversation: branch,
    commands.PreviewReset: preview_reset,
    commands.ResetConversation: reset,
    commands.UndoConversation: undo,
    commands.TrashConversation: trash,
    commands.ExportConversation: export,
    commands.EditSummary: edit_summary,
    commands.SwitchSummary: switch_summary,
    commands.DecideProposal: decide_proposal,
}
