"""`carryon product corrections`: what you corrected, kept with your consent; look at it, take it along, delete it."""

from collections.abc import Sequence
from pathlib import Path

import click

from agent.corrections import Correction
from app.cli.groups import Group
from app.cli.opening import command, json_option, profile
from app.cli.printing import moment, show, table
from app.cli.targets import refuse_existing, replace_option
from models.contracts import PointedCall

TEXT_SHOWN = 60


@click.group(cls=Group)
def corrections() -> None:
    """What you corrected. Nothing is kept unless your settings say so: carryon rc set learning.corrections true"""


@corrections.command("list")
@json_option
@command
def list_corrections(as_json: bool) -> None:
    """Newest first, with what was understood and what was meant."""
    with profile() as runtime:
        found = runtime.corrections.list()
        consent = runtime.settings.learning_corrections
        rows = [_row(one) for one in found]
    empty = "Nothing is kept." if consent else "Nothing is kept, and nothing will be: learning.corrections is off."
    show(found, as_json=as_json, lines=table(rows) or [empty])


@corrections.command("export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--raw", is_flag=True, help="With the addresses, names and numbers as they are.")
@replace_option
@json_option
@command
def export(path: Path, raw: bool, replace: bool, as_json: bool) -> None:
    """Write them as JSON lines that an adapter can be trained on; addresses, names and numbers are replaced."""
    refuse_existing(path, replace=replace)
    with profile() as runtime:
        written = runtime.corrections.export(path, raw=raw)
    show({"path": str(path), "written": written, "raw": raw}, as_json=as_json, lines=[f"{written} written: {path}"])


@corrections.command("delete")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@json_option
@command
def delete(ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Delete some by id, or --all."""
    if bool(ids) == everything:
        raise click.UsageError("Give ids, or --all.")
    with profile() as runtime:
        gone = runtime.corrections.delete_all() if everything else runtime.corrections.delete(ids)
    show({"deleted": gone}, as_json=as_json, lines=[f"deleted: {gone}"])


def _row(one: Correction) -> tuple[str, ...]:
    meant = "not that" if one.corrected is None else _told(one.corrected)
    return one.id[:8], moment(one.made_at), one.how.value, _short(one.text), _told(one.decided), f"→ {meant}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT_SHOWN else line[: TEXT_SHOWN - 1] + "…"


def _told(calls: Sequence[PointedCall]) -> str:
    return "; ".join(
        f"{call.tool} {', '.join(f'{name}={_short(value)}' for name, value in call.args.items())}".rstrip()
        for call in calls
    ) or "nothing to do"  # fmt: skip
