"""`carryon practice`: a mailbox, a channel and a tracker that Carryon itself serves, for trying it out."""

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import moment, show


@click.group()
def practice() -> None:
    """Destinations on this machine, for trying Carryon out."""


def _switch(name: str, *, enabled: bool, about: str) -> None:
    @practice.command(name, help=about)
    @json_option
    @command
    def switch(as_json: bool) -> None:
        with profile() as runtime:
            runtime.set_practice(enabled=enabled)
        show({"practice": enabled}, as_json=as_json, lines=[f"practice destinations: {name}"])


_switch("on", enabled=True, about="Serve them, and send there where no account of yours is set up.")
_switch("off", enabled=False, about="Stop them and erase all they received.")


@practice.command("list")
@json_option
@command
def received(as_json: bool) -> None:
    """What arrived there."""
    with profile() as runtime:
        messages = runtime.practice_messages()
    lines = [f"{moment(item.received_at)}  {item.kind} to {item.to}: {item.subject} {item.body}" for item in messages]
    show(messages, as_json=as_json, lines=lines or ["Nothing arrived."])
