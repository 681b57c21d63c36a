"""The command line: the same core as the window, without Qt. README.md here is its contract.

Every sub-command is a module of its own, imported when it is called: `carryon outbox list` pays for no model.
"""

import importlib

import click

COMMANDS = {
    "ask": "app.cli.ask:ask",
    "outbox": "app.cli.outbox:outbox",
    "library": "app.cli.library:library",
    "chat": "app.cli.chat:chat",
    "rc": "app.cli.rc:rc",
    "models": "app.cli.models:models",
    "tools": "app.cli.tools:tools",
    "practice": "app.cli.practice:practice",
    "story": "app.cli.story:story",
    "doctor": "app.cli.doctor:doctor",
    "backup": "app.cli.backup:backup",
    "restore": "app.cli.backup:restore",
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


@click.command(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="A setting for this command alone.")
@click.version_option(package_name="carryon")
@click.pass_context
def main(ctx: click.Context, overrides: tuple[str, ...]) -> None:
    """Carryon: the desktop agent you take aboard. Without a command it opens the window."""
    if ctx.invoked_subcommand is None:
        from app.boot import main as open_window

        raise SystemExit(open_window())
