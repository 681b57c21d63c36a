"""`carryon sync`: the library on your other laptops, by way of a folder or a server that all of them see."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import NEGATIVE, moment, show

if TYPE_CHECKING:
    from agent.laptops import Standing
    from agent.replica.report import Report

OPEN = "Whoever can write there can change your library, so what comes from there counts as words of others."
TITLES_SHOWN_MAX = 20
EXCHANGES_SHOWN_MAX = 5
WORDS = ("status", "server", "forget")
SECRET, PASSPHRASE = "keyring:sync-server", "keyring:sync"
HELP = ("-h", "--help")


class FolderOrWord(click.Group):
    """`sync FOLDER` beside `sync status`: what is no word of ours is a folder. (One called status: ./status.)"""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next((arg for arg in args if not arg.startswith("-")), "")
        if first not in WORDS and "" in args:
            raise click.UsageError("The name of the folder is empty.", ctx)
        asks_help = bool(args) and args[0] in HELP
        return super().parse_args(ctx, args if first in WORDS or asks_help else ["now", *args])


class _OfTheGroup(click.Context):
    """Called by the group's own name, as it is typed."""

    @property
    def command_path(self) -> str:
        return self.parent.command_path if self.parent else super().command_path


class _Unnamed(click.Command):
    context_class = _OfTheGroup


@click.group(cls=FolderOrWord)
def sync() -> None:
    """The library on your other laptops: `carryon sync FOLDER`, a folder that all of them see.

    Without FOLDER the place in the settings (sync.folder or sync.url). Options: --dry-run, --whole, --json.
    """


@sync.command("now", cls=_Unnamed, hidden=True)
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--dry-run", is_flag=True, help="Only say what would come and go.")
@click.option("--whole", is_flag=True, help="Write everything anew, as after a new passphrase.")
@json_option
@command
def now(folder: Path | None, dry_run: bool, whole: bool, as_json: bool) -> None:
    """Read what the other laptops wrote, join it with what is here, write what they lack."""
    if folder and urlsplit(str(folder)).scheme in ("http", "https"):
        raise click.UsageError("An address is first written into the settings: carryon sync server URL --user NAME")
    with profile() as runtime:
        done = runtime.laptops.exchange(folder, whole=whole, dry_run=dry_run)
    show(done, as_json=as_json, lines=_told(done, dry_run=dry_run))


@sync.command("server")
@click.argument("url")
@click.option("--user", required=True, help="Login name there.")
@click.option("--secret", default=SECRET, show_default=True, help="Where the password is: keyring:NAME or env:NAME.")
@click.option("--passphrase", default=PASSPHRASE, show_default=True, help="Where the passphrase is, likewise.")
@json_option
@command
def server(url: str, user: str, secret: str, passphrase: str, as_json: bool) -> None:
    """Exchange through a folder on a WebDAV server such as Nextcloud: writes sync.url and what goes with it.

    What lies there is encrypted with a passphrase that is the same on each of your laptops and never goes there.
    """
    wanted = {"sync.url": url, "sync.user": user, "sync.secret": secret, "sync.passphrase": passphrase}
    with profile() as runtime:
        runtime.change_settings(wanted)
    lines = [f"{key} = {value}" for key, value in wanted.items()]
    show({"changed": wanted}, as_json=as_json, lines=[*lines, *_still_to_do(secret, passphrase)])


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


def _still_to_do(secret: str, passphrase: str) -> list[str]:
    """Secrets are never arguments: they would stand in the shell's history."""
    kept = [reference.partition(":")[2] for reference in (secret, passphrase) if reference.startswith("keyring:")]
    return [f"Then: carryon rc secret {name}" for name in kept] + ["Then: carryon sync"]


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
    if standing.why and standing.server:
        lines.append(standing.why)
    if not standing.sealed:
        lines.append(OPEN)
    for report in standing.reports[:EXCHANGES_SHOWN_MAX]:
        told = f"came {len(report.came)}, went {report.went}, joined {len(report.merges)}"
        lines.append(f"{moment(report.at)}  {told}. {_laptops(report)}")
    return lines
