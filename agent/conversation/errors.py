"""What can go wrong with a conversation.

BadRequestError
├── NoConversationError    no thread, message, call or turn of that id
├── MessageTooLongError    more than one message may hold
└── CannotUndoError        nothing to take back, or something newer depends on it
"""

from agent.errors import BadRequestError


class NoConversationError(BadRequestError):
    """There is no such conversation."""


class MessageTooLongError(BadRequestError):
    """The message is too long."""


class CannotUndoError(BadRequestError):
    """There is nothing to take back in this conversation."""
