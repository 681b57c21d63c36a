"""`carryon call`: one tool by its name, with its arguments as they stand; no model reads anything."""

from dataclasses import replace

import click

from agent.errors import BadRequestError
from agent.loop.ordered import Ordered
from agent.loop.ports import Intended, Request
from agent.loop.turn import run_turn
from app.cli.ask import NOT_DONE, documented, numbered
from app.cli.naming import named_once
from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import NEGATIVE, show


@click.command()
@click.argument("tool")
@click.argument("args", nargs=-1, metavar="[NAME=VALUE]...")
@json_option
@offline_option
@click.option("--approve", is_flag=True, help="Approve at once what would otherwise wait for your yes.")
@click.option("--conversation", "conversation_id", metavar="ID", help="Go on in this conversation.")
@command
def call(
    tool: str, args: tuple[str, ...], as_json: bool, offline: bool, approve: bool, conversation_id: str | None
) -> None:
    """Call a tool by its name: carryon call email.send to=Dana body="Signed." attach="Budget report"."""
    given = named_once(map(_pair, args))
    with profile(offline=offline) as runtime:
        runtime.registry.check(tool, given)  # said before anything is stored
        within = None if conversation_id is None else runtime.conversation_id(conversation_id)
        request = Request(" ".join((tool, *args)), within, approve=approve)
        mind = Ordered(Intended(tool, given), runtime.settings.config_hash)
        found, ended = documented(run_turn(request, replace(runtime.ports, mind=mind)))
        show(found, as_json=as_json, lines=[found["reply"], *numbered(ended.message.question)])
    if any(one["status"] in NOT_DONE for one in found["calls"]):
        raise SystemExit(NEGATIVE)


def _pair(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals or not name.strip():
        raise BadRequestError(f"{said[:80]!r} is no argument.", "carryon call", "Write it as name=value.")
    return name.strip(), value
