"""The command line: the same core as the window, without Qt. README.md here is its contract.

Every sub-command is a module of its own, imported when it is called: `carryon outbox list` pays for no model.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from app.cli.printing import fail

WORDS = "app.cli.words"  # in the context's meta: the command line as it was typed

SET_FIRST = "It stands before the command: carryon --set KEY=VALUE ask TEXT"

COMMANDS = {
    "ask": "app.cli.ask:ask",
    "call": "app.cli.calling:call",
    "outbox": "app.cli.outbox:outbox",
    "net": "app.cli.net:net",
    "library": "app.cli.library:library",
    "chat": "app.cli.chat:chat",
    "rc": "app.cli.rc:rc",
    "models": "app.cli.models:models",
    "serve": "app.cli.serve:serve",
    "snapshot": "app.cli.snapshot:snapshot",
    "pool": "app.cli.pool:pool",
    "product": "app.cli.product:product",
    "servers": "app.cli.servers:servers",
    "tools": "app.cli.tools:tools",
    "practice": "app.cli.practice:practice",
    "story": "app.cli.story:story",
    "doctor": "app.cli.doctor:doctor",
    "evals": "app.cli.evals:evals",
    "sync": "app.cli.sync:sync",
    "backup": "app.cli.backup:backup",
    "restore": "app.cli.backup:restore",
    "start": "app.cli.start:start",
    "slo": "app.cli.start:promises",
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports one only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        words = list(args)
        with _usage_told(words):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[WORDS] = words
        return context

    def invoke(self, ctx: click.Context) -> Any:
        with _usage_told(ctx.meta[WORDS]):
            return super().invoke(ctx)


@contextmanager
def _usage_told(words: list[str]) -> Iterator[None]:
    """Wrong usage, too, is one JSON document where the words ask for JSON."""
    options = words[: words.index("--")] if "--" in words else words
    try:
        yield
    except click.ClickException as error:
        told = _hinted(error)
        if "--json" not in options:
            raise told from None
        where = told.ctx.command_path if isinstance(told, click.UsageError) and told.ctx else "carryon"
        fail(told.exit_code, told.format_message(), where, f"Look at: {where} --help", as_json=True)


def _hinted(error: click.ClickException) -> click.ClickException:
    if isinstance(error, click.NoSuchOption) and error.option_name == "--set":
        return click.UsageError(f"{error.format_message()} {SET_FIRST}", error.ctx)
    return error


@click.command(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="A setting for this command alone.")
@click.version_option(package_name="carryon")
@click.pass_context
def main(ctx: click.Context, overrides: tuple[str, ...]) -> None:
    """Carryon: the desktop agent you take aboard. Without a command it opens the window."""
    if ctx.invoked_subcommand is None:
        from app.boot import main as open_window

        raise SystemExit(open_window())
