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
from app.cli.printing import BROKEN, NEGATIVE, plain, show

if TYPE_CHECKING:
    from agent.compose import Runtime

BATCH_LINES_MAX = 100_000
LINE_BYTES_MAX = 8_000_000
NO_REQUEST, WRITE_SO = "This line is no request.", 'Write {"id": "1", "text": "…"}, in UTF-8.'
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
    if batch is not None:
        _check(batch)
    elif not (text or "").strip():
        raise BadRequestError("There is nothing in this request.", "TEXT", "Say what you want done.")
    with profile(offline=offline) as runtime:
        within = None if conversation_id is None else runtime.conversation_id(conversation_id)
        if batch is not None:
            for name, line in _lines(batch):
                request = Request(line, within, approve=approve, dry_run=dry_run)
                click.echo(json.dumps({"id": name} | _document(runtime, request)[0], ensure_ascii=False))
            return
        found, complete = _document(runtime, Request(text or "", within, approve=approve, dry_run=dry_run))
        show(found, as_json=as_json, lines=[found["reply"]])
    if not complete:
        raise SystemExit(BROKEN)
    if any(call["status"] in UNDONE for call in found["calls"]):
        raise SystemExit(NEGATIVE)


def _check(batch: Path) -> None:
    """Nothing is done for a file that has a mistake further down."""
    for _ in _lines(batch):
        pass


def _lines(batch: Path) -> Iterator[tuple[str, str]]:
    if not batch.is_file():
        raise BadRequestError("There is no such file.", str(batch), "Give a file of JSON lines.")
    with batch.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number > BATCH_LINES_MAX or len(line) > LINE_BYTES_MAX:
                raise BadRequestError("The batch is too large.", f"{batch}:{number}", "Split the file.")
            if line.strip():
                yield _entry(line, f"{batch}:{number}")


def _entry(line: bytes, where: str) -> tuple[str, str]:
    try:
        entry = json.loads(line.decode("utf-8"))
        name, text = entry["id"], entry["text"]
        if isinstance(name, str | int) and isinstance(text, str) and text.strip():
            return str(name), text
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadRequestError(NO_REQUEST, where, WRITE_SO) from error
    raise BadRequestError(NO_REQUEST, where, WRITE_SO)


def _document(runtime: "Runtime", request: Request) -> tuple[dict[str, Any], bool]:
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
    return _ended(started, ended, calls), ended.message.complete


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
