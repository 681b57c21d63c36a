"""`carryon rc`: the dotfile. Every change here is a change of `~/.agentrc`, shown as a diff."""

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from agent.agentrc import rc as rules
from agent.agentrc.references import keyring_set
from agent.errors import BadRequestError
from app.cli.opening import command, json_option, profile
from app.cli.printing import INVALID, aside, moment, show

if TYPE_CHECKING:
    from agent.compose import Runtime


@click.group()
def rc() -> None:
    """Your settings: one text file, ~/.agentrc."""


@rc.command("path")
@json_option
@command
def path(as_json: bool) -> None:
    """Where the file is."""
    with profile() as runtime:
        file = str(runtime.agentrc.file)
    show({"path": file}, as_json=as_json, lines=[file])


@rc.command("init")
@json_option
@command
def init(as_json: bool) -> None:
    """Write a first file with every setting explained; a file that is there is never overwritten."""
    with profile() as runtime:
        file = str(rules.init(runtime.agentrc.desk))
    show({"path": file}, as_json=as_json, lines=[f"written: {file}"])


@rc.command("get")
@click.argument("key")
@json_option
@command
def get(key: str, as_json: bool) -> None:
    """The value in force."""
    with profile() as runtime:
        value = runtime.agentrc.stack.value(key)
    show({"key": key, "value": value}, as_json=as_json, lines=[rules.value_text(value)])


@rc.command("set", context_settings={"ignore_unknown_options": True})  # -5 is a value
@click.argument("pairs", nargs=-1, required=True, metavar="KEY VALUE...")
@json_option
@command
def set_value(pairs: tuple[str, ...], as_json: bool) -> None:
    """Change one line, or several that only make sense together; comments, order and everything else stay."""
    if len(pairs) % 2:
        raise click.UsageError("Give a VALUE for every KEY.")
    _change(dict(zip(pairs[::2], pairs[1::2], strict=True)), as_json=as_json)


@rc.command("unset")
@click.argument("key")
@json_option
@command
def unset(key: str, as_json: bool) -> None:
    """Take one setting out of the file."""
    _change({key: None}, as_json=as_json)


def _change(wanted: dict[str, str | None], *, as_json: bool) -> None:
    with profile() as runtime:
        before = runtime.settings.model_default
        proposal = runtime.agentrc.desk.propose_all(wanted)
        change = runtime.agentrc.desk.accept(proposal)
        runtime.agentrc.reload()  # what was just written is the last good form from now on
        _note_unusable_model(runtime, before)
    document = {"key": proposal.key, "value": proposal.value, "diff": proposal.diff, "changed": change is not None}
    show(document, as_json=as_json, lines=[proposal.diff or "Nothing to change."])


def _note_unusable_model(runtime: "Runtime", before: str) -> None:
    """The name of one that is not there is taken, since it may come; that it is not there is said."""
    from models.errors import ModelError

    chosen = runtime.settings.model_default
    if chosen == before:
        return
    try:
        runtime.catalog.header(chosen)
    except ModelError as error:
        words = " ".join(part for part in (error.what, error.where and f"({error.where})", error.todo) if part)
        aside(f"Note: model.default is written, but that model cannot be used as it is. {words}")


@rc.command("explain")
@click.argument("key", required=False)
@json_option
@command
def explain(key: str | None, as_json: bool) -> None:
    """Where a value comes from and what it overrides; without KEY, everything."""
    with profile() as runtime:
        found = rules.explain(runtime.agentrc.stack, key or "")
    documents = [
        {
            "key": item.key,
            "value": item.value,
            "layer": item.origin.layer,
            "origin": str(item.origin),
            "beaten": [
                {"value": said.value, "layer": said.origin.layer, "origin": str(said.origin)} for said in item.beaten
            ],
            "about": item.about,
        }
        for item in found
    ]
    show(
        documents[0] if key and len(documents) == 1 else documents, as_json=as_json, lines=[str(item) for item in found]
    )


@rc.command("check")
@json_option
@command
def check(as_json: bool) -> None:
    """Look for mistakes: file, line, column, and what may have been meant."""
    with profile(quiet=True) as runtime:
        problems = runtime.agentrc.problems
    show(problems, as_json=as_json, lines=[str(problem) for problem in problems] or ["No mistakes."])
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(INVALID)


@rc.command("diff")
@json_option
@command
def diff(as_json: bool) -> None:
    """What differs from Carryon as freshly installed."""
    with profile() as runtime:
        changed = rules.differences(runtime.agentrc.stack)
    rows = [{"key": item.key, "value": item.value, "origin": str(item.origin)} for item in changed]
    lines = [f"{row['key']} = {json.dumps(row['value'], ensure_ascii=False)}  ({row['origin']})" for row in rows]
    show(rows, as_json=as_json, lines=lines or ["Nothing differs."])


@rc.command("edit")
@json_option
@command
def edit(as_json: bool) -> None:
    """Open the file in your editor ($VISUAL, $EDITOR), then check it."""
    with profile(quiet=True) as runtime:
        desk = runtime.agentrc.desk
        if not desk.file.exists():
            rules.init(desk)
        subprocess.run(rules.editor_command(desk.file, os.environ), check=False)
        runtime.agentrc.reload()
        problems = runtime.agentrc.problems
    show(problems, as_json=as_json, lines=[str(problem) for problem in problems] or ["No mistakes."])


@rc.command("log")
@json_option
@command
def log(as_json: bool) -> None:
    """Changes made through Carryon, newest last."""
    with profile() as runtime:
        changes = runtime.agentrc.desk.history.log()
    rows = [
        {"number": item.number, "made_at": item.at, "by": item.by, "what": item.what, "diff": item.diff}
        for item in changes
    ]
    lines = [f"{item.number}  {moment(item.at)}  {item.by}: {item.what}" for item in changes]
    show(rows, as_json=as_json, lines=lines or ["No changes yet."])


@rc.command("revert")
@click.argument("number", type=int)
@click.option("--force", is_flag=True, help="Even if the file changed since.")
@json_option
@command
def revert(number: int, force: bool, as_json: bool) -> None:
    """Bring back the file as it was before change NUMBER."""
    with profile() as runtime:
        change = runtime.agentrc.desk.revert(number, force=force)
        runtime.agentrc.reload()
    show({"what": change.what, "diff": change.diff}, as_json=as_json, lines=[change.diff or change.what])


@rc.command("secret")
@click.argument("name")
@json_option
@command
def secret(name: str, as_json: bool) -> None:
    """Keep a password in the system's keyring; refer to it as keyring:NAME. It is read from stdin."""
    value = click.prompt("Secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not value:
        raise BadRequestError("Nothing was typed.", todo="Type the secret, or pipe it in.")
    keyring_set(name, value)
    show({"reference": f"keyring:{name}"}, as_json=as_json, lines=[f"kept; refer to it as keyring:{name}"])


@rc.command("trust")
@json_option
@command
def trust(as_json: bool) -> None:
    """Let this folder's .agentrc, as it is now, touch tools and accounts."""
    with profile(quiet=True) as runtime:
        project = runtime.agentrc.project
        if project is None:
            raise BadRequestError(
                "There is no .agentrc in this folder or above.", todo="Change into the project first."
            )
        runtime.agentrc.trust.trust(project)
    show({"trusted": str(project)}, as_json=as_json, lines=[f"trusted: {project}"])
