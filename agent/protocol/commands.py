"""What a front end asks of the agent, in the imperative. Each carries its own id, which every event it causes names."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    id: str = field(default_factory=new_id)


# Chat


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage(Command):
    """`sources`: who wrote some of it besides the user, in words ("the prompt triage of the server tracker")."""

    text: str
    conversation_id: str | None = None  # None: begin a new conversation
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMessage(Command):
    """Replace a message of the user's and answer again; the old course stays reachable by undo. `sources`: as of a
    message that is sent."""

    message_id: str
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Regenerate(Command):
    message_id: str  # the agent's message to say anew


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMisread(Command):
    """The user's word that the request behind this answer was read wrongly."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTurn(Command):
    """Handled out of turn: it never waits behind the turn it cancels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft(Command):
    conversation_id: str | None
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConversations(Command):
    query: str = ""
    trashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConversation(Command):
    conversation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureContext(Command):
    """How full the chat model's memory of a conversation is; "": of one that is not begun yet."""

    conversation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConversation(Command):
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameConversation(Command):
    conversation_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchConversation(Command):
    message_id: str  # the branch holds everything up to and with this message


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReset(Command):
    conversation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetConversation(Command):
    conversation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoConversation(Command):
    """Take back the newest journal entry of this conversation: a reset, an edit, a delete."""

    conversation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashConversation(Command):
    conversation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportConversation(Command):
    conversation_id: str
    path: str  # .md or .json decides the form


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSummary(Command):
    """The user's own words for what a chat model is told of the oldest messages."""

    summary_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSummary(Command):
    """Off: a chat model is told nothing of the messages that the summary stands for."""

    summary_id: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideProposal(Command):
    """The user's yes or no to a proposed change of settings (a call of rc.set)."""

    call_id: str
    accept: bool


# Library


@dataclass(frozen=True, slots=True, kw_only=True)
class ListArtifacts(Command):
    query: str = ""
    kind: str = ""
    tag: str = ""
    trashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenArtifact(Command):
    artifact_id: str
    version: int | None = None  # None: the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFile(Command):
    """The bytes of a file, to be shown."""

    artifact_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveArtifact(Command):
    """Write a new version; `artifact_id` None makes a new note."""

    artifact_id: str | None
    title: str
    text: str
    based_on: int | None = None  # the version that was edited; an older one makes a merge notice, never a loss


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffArtifact(Command):
    artifact_id: str
    older: int
    newer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreArtifact(Command):
    artifact_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagArtifact(Command):
    artifact_id: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTask(Command):
    artifact_id: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashArtifact(Command):
    artifact_id: str
    restore: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFiles(Command):
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportArtifact(Command):
    artifact_id: str  # "" exports the whole library as a zip, "calendar" an .ics
    path: str


# Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItems(Command):
    """The newest, for the cards of the conversations, and how many there are; `limit` 0: only how many."""

    states: tuple[str, ...] = ()
    limit: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowItem(Command):
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveItem(Command):
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditItem(Command):
    item_id: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelItem(Command):
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeFetched(Command):
    """Go on where something was waited for that has come since; "" for whatever has."""

    item_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryItem(Command):
    """`at_once`: also where its destination asked to be left alone for a while."""

    item_id: str
    at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveItem(Command):
    """The user's word on an item whose outcome is unknown: delivered, retry, or cancel; of a conflict also send.
    `receipt`: of what was delivered, the "reference" or "url" that the user knows, for items that wait for it."""

    item_id: str
    verdict: str
    receipt: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandToMailProgram(Command):
    """Open the system's mail program with this item's text; the item is then settled by the user's word."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushOutbox(Command):
    """Try now; with a destination only what goes there."""

    destination: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPractice(Command):
    """What the practice destinations received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPractice(Command):
    enabled: bool  # False also erases what they received


# Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings(Command):
    """Validate text in the editor without saving it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSettings(Command):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOption(Command):
    key: str
    value: Any  # None takes the key out of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishFirstRun(Command):
    practice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreProfile(Command):
    """Put the newest good backup in place of a damaged database, which is kept aside; then open it."""


# Models


@dataclass(frozen=True, slots=True, kw_only=True)
class ListModels(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AddModel(Command):
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseModel(Command):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveModel(Command):
    """Forget a model; the file on the disk is left where it is."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeModels(Command):
    """The user begins to write: bring back a model that rests, so that it is there when the message is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWindow(Command):
    """The window went to the tray, or is shown again."""

    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowProduct(Command):
    """The starter as a product: its contract beside what was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureProduct(Command):
    """Measure the starter on this machine; CancelTurn stops it, and then nothing is kept."""


# Insights


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStarts(Command):
    """How the starts of this profile went."""
