"""`carryon chat resolve`: calls of other programs' tools that may have been done, and the user's word on them."""

from typing import TYPE_CHECKING

import click

from agent.errors import BadRequestError
from agent.protocol.records import Call, CallStatus
from app.cli.opening import command, json_option, profile
from app.cli.printing import NEGATIVE, show

if TYPE_CHECKING:
    from agent.compose import Runtime

VERDICTS = ("happened", "not-happened", "again")
ID_SHOWN = 8
NOT_DONE = (CallStatus.FAILED, CallStatus.UNKNOWN)


@click.command("resolve")
@click.argument("call_id", required=False)
@click.argument("verdict", type=click.Choice(VERDICTS), required=False)
@json_option
@command
def resolve(call_id: str | None, verdict: str | None, as_json: bool) -> None:
    """Say what became of a call that may have been done; again: do it once more. Without words: list those calls."""
    with profile() as runtime:
        if call_id is None:
            found = runtime.conversations.in_doubt()
            show(found, as_json=as_json, lines=[line(call) for call in found] or ["Nothing is in doubt."])
            return
        if verdict is None:
            raise BadRequestError("Say what became of it.", call_id, f"One of: {', '.join(VERDICTS)}.")
        call = _resolved(runtime, call_id, verdict)
    show(call, as_json=as_json, lines=[call.result])
    if verdict == "again" and call.status in NOT_DONE:
        raise SystemExit(NEGATIVE)


def _resolved(runtime: "Runtime", call_id: str, verdict: str) -> Call:
    call = runtime.conversations.call(runtime.call_id(call_id))
    return runtime.resolve_call(call, verdict.replace("-", "_"))


def line(call: Call) -> str:
    """It, and how to decide about it."""
    words = " ".join(call.result.split())
    return f"{call.id[:ID_SHOWN]}  {words} carryon chat resolve {call.id[:ID_SHOWN]} {'|'.join(VERDICTS)}"
