"""`carryon sync`: the library on your other laptops, by way of a folder that all of them see."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import NEGATIVE, moment, show

if TYPE_CHECKING:
    from agent.laptops import Standing
    from agent.replica.report import Report

TITLES_SHOWN_MAX = 20
EXCHANGES_SHOWN_MAX = 5
WORDS = ("status", "forget")
HELP = ("-h", "--help")


class FolderOrWord(click.Group):
    """`sync FOLDER` beside `sync status`: what is no word of ours is a folder. (One called status: ./status.)"""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next((arg for arg in args if not arg.startswith("-")), "")
        asks_help = bool(args) and args[0] in HELP
        return super().parse_args(ctx, args if first in WORDS or asks_help else ["now", *args])


@click.group(cls=FolderOrWord)
def sync() -> None:
    """The library on your other laptops: `carryon sync FOLDER`, a folder that all of them see.

    Without FOLDER the one in the settings (sync.folder). Options: --dry-run, --whole, --json.
    """


@sync.command("now", hidden=True)
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--dry-run", is_flag=True, help="Only say what would come and go.")
@click.option("--whole", is_flag=True, help="Write everything anew, as after a new passphrase.")
@json_option
@command
def now(folder: Path | None, dry_run: bool, whole: bool, as_json: bool) -> None:
    """Read what the other laptops wrote, join it with what is here, write what they lack."""
    with profile() as runtime:
        done = runtime.laptops.exchange(folder, whole=whole, dry_run=dry_run)
    show(done, as_json=as_json, lines=_told(done, dry_run=dry_run))


@sync.command()
@json_option
@command
def status(as_json: bool) -> None:
    """The folder of the settings, the laptops in it, and the last exchanges. 1: it cannot be seen now."""
    with profile() as runtime:
        standing = runtime.laptops.standing()
    show(standing, as_json=as_json, lines=_standing(standing))
    if standing.folder and not standing.there:
        raise click.exceptions.Exit(NEGATIVE)


@sync.command()
@click.argument("laptop")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Instead of sync.folder.")
@json_option
@command
def forget(laptop: str, folder: Path | None, as_json: bool) -> None:
    """A laptop that is no more (its name, or the beginning of its id): its files go, what it wrote stays."""
    with profile() as runtime:
        done = runtime.laptops.forget(laptop, folder)
    show(done, as_json=as_json, lines=[*_told(done, dry_run=False), f"forgotten: {laptop}"])


def _told(done: "Report", *, dry_run: bool) -> list[str]:
    came, went = ("would come", "would go") if dry_run else ("came", "went")
    lines = [f"{came}: {title}" for title in done.came[:TITLES_SHOWN_MAX]]
    if len(done.came) > TITLES_SHOWN_MAX:
        lines.append(f"{came}: {len(done.came) - TITLES_SHOWN_MAX} more")
    if done.deleted:
        lines.append(f"deleted for good on another laptop: {done.deleted}")
    if done.went:
        lines.append(f"{went}: {done.went}")
    lines += [f"joined: {it.title}, version {it.n}: {it.note}" for it in done.merges]
    lines += done.notices
    lines += [f"not read yet of {it.name}: {it.waiting} files ({it.why})" for it in done.laptops if it.waiting]
    return lines or [f"Nothing new. {_laptops(done)}"]


def _laptops(done: "Report") -> str:
    if not done.laptops:
        return "No other laptop has written there yet."
    return f"Other laptops there: {', '.join(it.name for it in done.laptops)}."


def _standing(standing: "Standing") -> list[str]:
    if not standing.folder:
        return ["No folder is named: carryon rc set sync.folder FOLDER"]
    how = "by itself" if standing.automatic and standing.joined else "by hand"
    seen = "there" if standing.there else "not there now"
    sealed = "encrypted" if standing.sealed else "open for whoever can read the folder"
    lines = [f"{standing.folder}: {seen}, {sealed}, exchanged {how}"]
    for report in standing.reports[:EXCHANGES_SHOWN_MAX]:
        told = f"came {len(report.came)}, went {report.went}, joined {len(report.merges)}"
        lines.append(f"{moment(report.at)}  {told}. {_laptops(report)}")
    return lines
