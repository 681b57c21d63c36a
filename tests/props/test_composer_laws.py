"""Typed, sent, refused, left and come back to: every word is in the box, in a draft, on its way or stored."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.protocol import commands, events
from agent.protocol.commands import Command
from agent.protocol.records import Conversation, Message, Role
from app.presenters.desk import Desk

PLACES = ("a", "b")
Step = tuple[str, str]


@dataclass
class World:
    """The core as far as drafts and messages go: what it would have on its disk."""

    drafts: dict[str, str] = field(default_factory=dict)
    stored: list[str] = field(default_factory=list)
    waiting: list[commands.SendMessage] = field(default_factory=list)

    def submit(self, command: Command) -> None:
        if isinstance(command, commands.SaveDraft):
            self.drafts[command.conversation_id or ""] = command.text
        elif isinstance(command, commands.EditMessage):
            self.stored.append(command.text)
        elif isinstance(command, commands.SendMessage):
            self.waiting.append(command)

    def holds(self, word: str, desk: Desk) -> bool:
        box = [desk.composer.text, *(piece.text for piece in desk.composer.pastes)]
        sent = [command.text for command in self.waiting]
        return any(word in text for text in (*self.drafts.values(), *self.stored, *sent, *box))


def step(world: World, desk: Desk, kind: str, word: str) -> None:
    if kind == "type":
        desk.composer.typed(f"{desk.composer.text} {word}".strip())
    elif kind == "save":
        desk.composer.save_draft()
    elif kind == "send":
        desk.composer.send()
    elif kind == "edit":
        desk.composer.edit("m0", "an old message")
    elif kind == "stop":
        desk.composer.stop_editing()
    elif kind == "new":
        desk.conversations.begin_new()
    elif kind in PLACES:
        desk.conversations.open(kind)
        opened = Conversation(kind, kind, 0, 0, draft=world.drafts.get(kind, ""))
        desk.handle(events.ConversationOpened(conversation=opened, messages=()))
    elif world.waiting:
        answer(world, desk, kind)


def answer(world: World, desk: Desk, kind: str) -> None:
    command = world.waiting.pop(0)
    if kind == "refuse":
        desk.handle(events.Failed(cause=command.id, what="The disk is full."))
        return
    world.stored.append(command.text)
    place = command.conversation_id or "fresh"
    message = Message(f"m{len(world.stored)}", place, "t", Role.USER, command.text, 0)
    desk.handle(events.TurnStarted(cause=command.id, turn_id="t", message=message))


KINDS = ("type", "type", "save", "send", "store", "refuse", "new", "edit", "stop", *PLACES)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(KINDS), max_size=25))
def test_no_word_is_ever_lost(kinds: list[str]) -> None:
    world = World()
    desk = Desk(world.submit, lambda: 0.0)
    desk.handle(events.ConversationsListed(conversations=(), query=""))
    words: list[str] = []
    for number, kind in enumerate(kinds):
        word = f"word{number}."
        if kind == "type" and not desk.composer.editing:  # what an edit adds may be dropped by leaving it
            words.append(word)
        step(world, desk, kind, word)
        assert [word for word in words if not world.holds(word, desk)] == []
