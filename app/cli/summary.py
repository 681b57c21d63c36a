"""`carryon chat summary`: what a chat model is told in place of the oldest messages, to read, change or turn off."""

import sys
from pathlib import Path

import click

from agent.errors import BadRequestError
from agent.protocol.records import SUMMARY_CHARACTERS_MAX, Summary
from app.cli.opening import command, json_option, profile
from app.cli.printing import moment, show

BY_USER = "you"
BYTES_A_CHARACTER = 4


@click.command("summary")
@click.argument("conversation_id")
@click.option("--say", metavar="WORDS", default=None, help="Tell the model this instead, in your own words.")
@click.option("--say-from", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
              default=None, help="The same from a file, or from - for what is piped in.")  # fmt: skip
@click.option("--on/--off", "switched", default=None, help="Whether the model is told it.")
@json_option
@command
def summary(conversation_id: str, say: str | None, say_from: Path | None, switched: bool | None, as_json: bool) -> None:
    """What a chat model is told in place of the oldest messages. `carryon chat undo` takes a change back."""
    if say is not None and say_from is not None:
        raise click.UsageError("Give --say or --say-from, not both.")
    words = _read(say_from) if say_from else say
    if words is not None and not words.strip():
        raise BadRequestError("A summary cannot be empty.", todo="To tell the model nothing of them, use --off.")
    with profile() as runtime:
        full = runtime.conversation_id(conversation_id)
        found = runtime.conversations.summary(full)
        if found is None:
            if words is None and switched is None:
                show(None, as_json=as_json, lines=["Nothing was summed up: the model is told every message as it is."])
                return
            raise BadRequestError("This conversation has no summary.", full, "There is one once its oldest messages "
                                  "no longer fit into the model's memory.")  # fmt: skip
        current = found[0]
        if words is not None:
            current = runtime.conversations.edit_summary(current.id, words)
        if switched is not None:
            current = runtime.conversations.switch_summary(current.id, on=switched)
    show(current, as_json=as_json, lines=_lines(current))


def _read(path: Path) -> str:
    """No more than a summary may have: the core says so when it is longer."""
    most = SUMMARY_CHARACTERS_MAX * BYTES_A_CHARACTER + 1
    if str(path) == "-":
        return sys.stdin.read(most) if sys.stdin else ""
    try:
        with path.open("rb") as file:
            return file.read(most).decode("utf-8")
    except OSError as error:
        raise BadRequestError(f"The file cannot be read: {error.strerror or error}.", str(path), "Check it.") from error
    except UnicodeDecodeError:
        raise BadRequestError("This file is no text in UTF-8.", str(path), "Save it as UTF-8 and try again.") from None


def _lines(current: Summary) -> list[str]:
    head = f"In place of the {current.messages} oldest messages the model is told:"
    if not current.is_on:
        head = f"Turned off: the model is told nothing of the {current.messages} oldest messages. It would be told:"
    if not current.text:
        return [f"The model is told nothing of the {current.messages} oldest messages. {current.why}".strip()]
    made = "in your own words" if current.made_by == BY_USER else f"written by {current.made_by}"
    return [head, "", current.text, "", f"({made}, {moment(current.created_at)})"]
