"""`carryon ask`: one request, or a file of them, through the same turn as the window."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from agent.errors import BadRequestError, BrokenError
from agent.loop.ports import Request
from agent.protocol.events import (
    CallSettled,
    ContextMeasured,
    Event,
    FoldingStarted,
    NoticeAdded,
    TurnEnded,
    TurnStarted,
)
from agent.protocol.records import Call, CallStatus, Message, Outcome, Question
from app.cli import memory_words
from app.cli.batch import Ended, Threads, check, rows
from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import BROKEN, NEGATIVE, document, harmless, iso, plain, show

ID_SHOWN = 8  # characters of a conversation's id
NOT_DONE = (CallStatus.REFUSED, CallStatus.FAILED, CallStatus.UNKNOWN)


@click.command()
@click.argument("text", required=False)
@json_option
@offline_option
@click.option("--dry-run", is_flag=True, help="Say what would be done; store and run nothing.")
@click.option("--approve", is_flag=True, help="Approve at once what would otherwise wait for your yes.")
@click.option("--conversation", "conversation_id", metavar="ID", help="Go on in this conversation.")
@click.option("--batch", type=click.Path(path_type=Path), help='Lines of {"id", "text"}; one JSON document for each.')
@command
def ask(
    text: str | None, as_json: bool, offline: bool, dry_run: bool, approve: bool,
    conversation_id: str | None, batch: Path | None,
) -> None:  # fmt: skip
    """Ask Carryon to do something: carryon ask "remind me on Friday to invoice Dana"."""
    if (text is None) == (batch is None):
        raise click.UsageError("Give either a TEXT or --batch FILE.")
    if batch is not None:
        check(batch, dry_run=dry_run)
    elif not (text or "").strip():
        raise BadRequestError("There is nothing in this request.", "TEXT", "Say what you want done.")
    with profile(offline=offline) as runtime:
        within = None if conversation_id is None else runtime.conversation_id(conversation_id)
        if batch is not None:
            threads = Threads(within, runtime.conversation_id)
            for row in rows(batch):
                place, imagined = threads.place(row, dry_run=dry_run)
                request = Request(row.text, place, approve=approve, dry_run=dry_run, imagined=imagined)
                found, ended = documented(runtime.turn(request))
                threads.went_on(row, ended)
                document({"id": row.id} | found)
            return
        found, ended = documented(runtime.turn(Request(text or "", within, approve=approve, dry_run=dry_run)))
        show(found, as_json=as_json, lines=[found["reply"], *numbered(ended.message.question)])
    if not ended.message.complete:
        raise SystemExit(BROKEN)
    if any(call["status"] in NOT_DONE for call in found["calls"]):
        raise SystemExit(NEGATIVE)


def numbered(question: Question | None) -> list[str]:
    """The choices of a question, as the next message may name them."""
    choices = question.choices if question else ()
    return [f"  {number}. {choice.words}" for number, choice in enumerate(choices, 1)]


def documented(events: Iterable[Event]) -> tuple[dict[str, Any], Ended]:
    """The document that scripts rely on (README.md here), and how the turn ended. Earlier calls that changed with it
    are not among its own."""
    started: TurnStarted | None = None
    made: list[Call] = []
    ended: TurnEnded | None = None
    for event in events:
        match event:
            case TurnStarted():
                started = event
            case CallSettled() if started and event.turn_id == started.turn_id:
                made.append(event.call)
            case NoticeAdded():
                _aside(_noticed(event.message))
            case FoldingStarted():
                _aside(memory_words.folding(event))
            case ContextMeasured():
                _aside(memory_words.nearly_full(event))
            case TurnEnded():
                ended = event
    if ended is None:
        raise BrokenError("The turn did not end.", todo="Please report this.")
    return _ended(started, ended, made), Ended(ended.message, tuple(made))


def _aside(words: str) -> None:
    """What goes on beside the answer; scripts read standard output alone."""
    if words:
        click.echo(harmless(words), err=True)


def _noticed(said: Message) -> str:
    """What Carryon says about itself beside the answer, such as that the oldest messages were summed up."""
    more = f" To read or change it: carryon chat summary {said.conversation_id[:ID_SHOWN]}" if said.summary else ""
    return f"{said.text}{more}"


def _ended(started: TurnStarted | None, ended: TurnEnded, made: list[Call]) -> dict[str, Any]:
    label = ended.label
    return {
        "conversation": ended.message.conversation_id or None,
        "turn": ended.turn_id if started else None,
        "outcome": ended.outcome.value,
        "calls": [_call(call) for call in made],
        "reply": ended.message.text,
        "level": label.level,
        "model": {"name": label.model, "sha256": label.model_sha256},
        "confidence": label.confidence,
        "timings_ms": {"first_token": label.first_token_ms, "total": label.total_ms},
        "config_hash": label.config_hash,
        "data_from": None if label.data_from is None else iso(label.data_from),
    } | (_asked(ended.message.question) if ended.outcome is Outcome.CLARIFY else {})


def _asked(question: Question | None) -> dict[str, Any]:
    """What a clarify asks for; empty lists where it only wants it said differently."""
    missing = list(question.lacks) if question else []
    choices = [
        {"text": choice.words, "calls": [{"tool": call.tool, "args": dict(call.args)} for call in choice.calls]}
        for choice in (question.choices if question else ())
    ]
    return {"missing": missing, "choices": choices}


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "tool": call.tool,
        "args": plain(call.args),
        "status": call.status.value,
        "result": call.result,
        "outbox_id": call.outbox_id,
    }
