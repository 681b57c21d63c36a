"""Groups of commands: what one of them calls `list` may be written `ls`, and the other way round."""

import click

ALIKE = {"ls": "list", "list": "ls"}


class Group(click.Group):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, ALIKE.get(cmd_name, ""))
