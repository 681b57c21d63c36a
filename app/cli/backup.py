"""`carryon backup` and `carryon restore`: a copy of the profile's database, and back."""

import time
from pathlib import Path

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import show
from app.cli.targets import refuse_existing, replace_option


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False))
@replace_option
@json_option
@command
def backup(path: Path | None, replace: bool, as_json: bool) -> None:
    """Write a checked copy of everything to PATH (or beside the others)."""
    from agent.store.backup import backup as copy_to
    from agent.store.backup import stamp

    if path:
        refuse_existing(path, replace=replace)
    with profile() as runtime:
        target = path or runtime.paths.backups / f"by-hand-{stamp(time.time())}.db"
        written = copy_to(runtime.connection, target.absolute())
    show({"path": str(written)}, as_json=as_json, lines=[f"written: {written}"])


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False))
@json_option
@command
def restore(path: Path | None, as_json: bool) -> None:
    """Put a copy (the newest good one) back; the present database is kept aside, never overwritten."""
    from agent.paths import Paths
    from agent.store.restoring import restore as put_back

    paths = Paths.of().make()
    done = put_back(paths.database, path, life=paths.outbox_life)
    kept = str(done.kept) if done.kept else None
    lines = [f"restored from {done.source}", *([f"what was there is kept as {kept}"] if kept else [])]
    if done.doubted:
        lines.append(f"{done.doubted} waiting items may have been sent since: they are looked for, or you are asked")
    show({"source": str(done.source), "kept": kept, "doubted": done.doubted}, as_json=as_json, lines=lines)
