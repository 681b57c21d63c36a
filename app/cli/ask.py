"""`carryon ask`: one request, or a file of them, through the same turn as the window."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.errors import BadRequestError, BrokenError
from agent.loop.ports import Request
from agent.protocol.events import CallSettled, TurnEnded, TurnStarted
from agent.protocol.records import Call, CallStatus
from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import NEGATIVE, plain, show

if TYPE_CHECKING:
    from agent.compose import Runtime

BATCH_LINES_MAX = 100_000
LINE_CHARACTERS_MAX = 4_000_000
UNDONE = (CallStatus.REFUSED, CallStatus.FAILED)


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
    with profile(offline=offline) as runtime:
        if batch is not None:
            for name, line in _lines(batch):
                request = Request(line, conversation_id, approve=approve, dry_run=dry_run)
                click.echo(json.dumps({"id": name} | _document(runtime, request), ensure_ascii=False))
            return
        request = Request(text or "", conversation_id, approve=approve, dry_run=dry_run)
        found = _document(runtime, request)
        show(found, as_json=as_json, lines=[found["reply"]])
    if any(call["status"] in UNDONE for call in found["calls"]):
        raise SystemExit(NEGATIVE)


def _lines(batch: Path) -> Iterator[tuple[str, str]]:
    if not batch.is_file():
        raise BadRequestError("There is no such file.", str(batch), "Give a file of JSON lines.")
    with batch.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if number > BATCH_LINES_MAX or len(line) > LINE_CHARACTERS_MAX:
                raise BadRequestError("The batch is too large.", f"{batch}:{number}", "Split the file.")
            if line.strip():
                yield _entry(line, f"{batch}:{number}")


def _entry(line: str, where: str) -> tuple[str, str]:
    try:
        entry = json.loads(line)
        return str(entry["id"]), str(entry["text"])
    except (ValueError, TypeError, KeyError) as error:
        raise BadRequestError("This line is no request.", where, 'Write {"id": "1", "text": "…"}.') from error


def _document(runtime: "Runtime", request: Request) -> dict[str, Any]:
    """The document that scripts rely on (README.md here)."""
    started: TurnStarted | None = None
    calls: list[dict[str, Any]] = []
    ended: TurnEnded | None = None
    for event in runtime.turn(request):
        match event:
            case TurnStarted():
                started = event
            case CallSettled():
                calls.append(_call(event.call))
            case TurnEnded():
                ended = event
    if ended is None:
        raise BrokenError("The turn did not end.", todo="Please report this.")
    return _ended(started, ended, calls)


def _ended(started: TurnStarted | None, ended: TurnEnded, calls: list[dict[str, Any]]) -> dict[str, Any]:
    label = ended.label
    return {
        "conversation": ended.message.conversation_id or None,
        "turn": ended.turn_id if started else None,
        "outcome": ended.outcome.value,
        "calls": calls,
        "reply": ended.message.text,
        "level": label.level,
        "model": {"name": label.model, "sha256": label.model_sha256},
        "confidence": label.confidence,
        "timings_ms": {"first_token": label.first_token_ms, "total": label.total_ms},
        "config_hash": label.config_hash,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "tool": call.tool,
        "args": plain(call.args),
        "status": call.status.value,
        "result": call.result,
        "outbox_id": call.outbox_id,
    }
