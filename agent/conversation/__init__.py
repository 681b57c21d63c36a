"""Disposable threads: messages, turns, calls; reset and undo by journal. See README.md."""

from agent.conversation.conversations import Conversations
from agent.conversation.resetting import Purge
from agent.conversation.search import Passage
from agent.conversation.turns import Turn

__all__ = ["Conversations", "Passage", "Purge", "Turn"]
