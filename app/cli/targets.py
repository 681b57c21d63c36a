"""Where a command writes a file that the user named: over nothing that is there, unless told to."""

from pathlib import Path

import click

from agent.errors import BadRequestError

replace_option = click.option("--replace", is_flag=True, help="Write over the file that is there already.")


def refuse_existing(path: Path, *, replace: bool) -> None:
    """Raises BadRequestError."""
    if path.exists() and not replace:
        raise BadRequestError("There is a file already.", str(path), "Choose another name, or add --replace.")
