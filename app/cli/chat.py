"""`carryon chat`: conversations, which can be thrown away without fear."""

from pathlib import Path

import click

from agent.errors import BadRequestError
from agent.protocol.records import CallStatus, Conversation, Message, ResetPreview
from app.cli.doubts import line, resolve
from app.cli.going_on import go_on
from app.cli.groups import Group
from app.cli.opening import command, json_option, profile
from app.cli.printing import moment, show, table
from app.cli.summary import summary
from app.cli.targets import refuse_existing, replace_option

SHOWN_MAX = 1_000
ERASE_WORD = "erase everything"


@click.group(cls=Group)
def chat() -> None:
    """Conversations. The work they made is in the library and stays there."""


chat.add_command(summary)
chat.add_command(resolve)


def _listed(conversations: list[Conversation], *, as_json: bool) -> None:
    rows = [(item.id[:8], moment(item.updated_at), f"{item.messages} messages", item.title) for item in conversations]
    show(conversations, as_json=as_json, lines=table(rows) or ["No conversations."])


@chat.command("list")
@click.option("--trash", is_flag=True, help="Those in the trash.")
@json_option
@command
def list_conversations(trash: bool, as_json: bool) -> None:
    """Newest first."""
    with profile() as runtime:
        _listed(list(runtime.conversations.list(trashed=trash, limit=SHOWN_MAX)), as_json=as_json)


@chat.command("search")
@click.argument("query")
@json_option
@command
def search(query: str, as_json: bool) -> None:
    """Find conversations by what was said in them."""
    with profile() as runtime:
        _listed(list(runtime.conversations.search(query, limit=SHOWN_MAX)), as_json=as_json)


@chat.command("show")
@click.argument("conversation_id")
@json_option
@command
def show_conversation(conversation_id: str, as_json: bool) -> None:
    """A conversation whole, with its calls."""
    with profile() as runtime:
        conversation = runtime.conversations.get(runtime.conversation_id(conversation_id))
        messages = runtime.conversations.messages(conversation.id)
    show({"conversation": conversation, "messages": messages}, as_json=as_json, lines=_transcript(messages))


def _transcript(messages: tuple[Message, ...]) -> list[str]:
    lines = []
    for message in messages:
        lines.append(f"{message.role.value}: {message.text}")
        for call in message.calls:
            lines.append(f"  [{call.status.value}] {call.tool} {dict(call.args)}")
            lines += [f"    {line(call)}"] if call.status is CallStatus.UNKNOWN else []
    return lines


@chat.command("reset")
@click.argument("conversation_id")
@click.option("--dry-run", is_flag=True, help="Only say what stays and what goes.")
@json_option
@command
def reset(conversation_id: str, dry_run: bool, as_json: bool) -> None:
    """Begin the thread anew; documents and waiting items stay. `carryon chat undo` takes it back."""
    with profile() as runtime:
        full = runtime.conversation_id(conversation_id)
        preview = runtime.conversations.preview_reset(full) if dry_run else runtime.conversations.reset(full)
    show(preview, as_json=as_json, lines=_kept(preview, done=not dry_run))


def _kept(preview: ResetPreview, *, done: bool) -> list[str]:
    let_go, keeps = ("let go of", "kept") if done else ("would let go of", "would keep")
    titles = [f"  {artifact.kind}: {artifact.title}" for artifact in preview.keeps_artifacts]
    return [
        f"{let_go} {preview.messages} messages",
        f"{keeps} {len(preview.keeps_artifacts)} artifacts and {preview.keeps_outbox} outbox items",
        *titles,
    ]


@chat.command("undo")
@click.argument("conversation_id")
@json_option
@command
def undo(conversation_id: str, as_json: bool) -> None:
    """Take back the newest reset, edit or move to the trash."""
    with profile() as runtime:
        full = runtime.conversation_id(conversation_id)
        what = runtime.conversations.undo(full)
        if what == "trash":  # what it waited for may have come while it lay there
            go_on(runtime)
        conversation = runtime.conversations.get(full)
    show({"undone": what, "conversation": conversation}, as_json=as_json, lines=[f"taken back: {what}"])


@chat.command("delete")
@click.argument("conversation_id", required=False)
@click.option("--for-good", is_flag=True, help="Leave no trace of it, not even in the trash; its work stays.")
@click.option("--everything", is_flag=True, help="Erase all conversations, the library and the outbox.")
@click.option("--confirm", metavar="WORDS", default="", help=f'With --everything: type "{ERASE_WORD}".')
@json_option
@command
def delete(conversation_id: str | None, for_good: bool, everything: bool, confirm: str, as_json: bool) -> None:
    """Move a conversation to the trash; `carryon chat undo` brings it back."""
    with profile() as runtime:
        if everything and conversation_id is not None:
            raise click.UsageError("Give the ID of a conversation, or --everything.")
        if everything:
            if confirm != ERASE_WORD:
                todo = f'Export first if you like, then add --confirm "{ERASE_WORD}".'
                raise BadRequestError("This erases all work for good.", todo=todo)
            runtime.erase_everything()
            show({"erased": True}, as_json=as_json, lines=["Everything is erased."])
            return
        if conversation_id is None:
            raise click.UsageError("Give the ID of a conversation.")
        conversation = runtime.conversations.trash(runtime.conversation_id(conversation_id))
        if for_good:
            runtime.conversations.purge(conversation.id)
    where = "gone for good" if for_good else "in the trash"
    show(conversation, as_json=as_json, lines=[f"{where}: {conversation.title}"])


@chat.command("export")
@click.argument("conversation_id")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@replace_option
@json_option
@command
def export(conversation_id: str, path: Path, replace: bool, as_json: bool) -> None:
    """Write a conversation to PATH; .md or .json decides the form."""
    refuse_existing(path, replace=replace)
    with profile() as runtime:
        runtime.conversations.export(runtime.conversation_id(conversation_id), path)
    show({"path": str(path)}, as_json=as_json, lines=[f"written: {path}"])
