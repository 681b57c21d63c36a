"""`carryon serve`: this machine's models for other programs on it, over OpenAI's protocol."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import aside, show
from app.serve import KEPT_IN, PORT

if TYPE_CHECKING:
    from app.serve.offers import Offer

THIS_RUN = "this run"  # where a token is that no keyring keeps
WITHOUT = (
    "Without a token every program and every user of this machine can ask your models and read what they answer. "
    "Pages of the web stay out."
)


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=PORT, show_default=True,
              help="Where to listen, on this machine only; 0 takes any that is free.")  # fmt: skip
@click.option("--model", default="", metavar="NAME", help="Answers where a request names none; else the chosen model.")
@click.option("--token-from", default=KEPT_IN, show_default=True, metavar="REFERENCE",
              help="Where the token is: keyring:NAME or env:NAME.")  # fmt: skip
@click.option("--no-token", is_flag=True, help="Ask for none: every program of this machine may come in.")
@click.option("--show-token", is_flag=True, help="Print the token, and end.")
@click.option("--new-token", is_flag=True, help="Make a new one, the old counts no more; print it, and end.")
@json_option
@command
def serve(
    port: int, model: str, token_from: str, no_token: bool, show_token: bool, new_token: bool, as_json: bool
) -> None:
    """Answer other programs on this machine, at http://127.0.0.1:22779/v1, as OpenAI's servers would.

    Nothing leaves this machine, and nobody else can reach it.
    """
    if no_token and (show_token or new_token):
        raise click.UsageError("--no-token does not go together with --show-token or --new-token.")
    if new_token and token_from != KEPT_IN:
        raise click.UsageError("--new-token is for the token that Carryon keeps; change yours where it is.")
    from app.serve import access

    if show_token or new_token:
        asked_for = access.new_token() if new_token else access.token_at(token_from, os.environ)
        show({"token": asked_for}, as_json=as_json, lines=[asked_for])
        return
    token, is_kept = (None, True) if no_token else access.token_to_serve_with(token_from, os.environ)
    if not is_kept:
        aside(f"{access.FOR_THIS_RUN}\nToken: {token}")
        token_from = THIS_RUN
    _serve(port, model, token, token_from, as_json=as_json)


def _serve(port: int, model: str, token: str | None, token_from: str, *, as_json: bool) -> None:
    from app.serve import listening
    from app.serve.door import Door
    from app.serve.offers import Offers
    from app.serve.service import Service
    from app.serve.turns import Turns

    with profile(offline=True) as runtime, ThreadPoolExecutor(1, "answers") as pool:
        if model:
            runtime.catalog.header(model)  # one that is not there is told now
        offers = Offers(runtime.catalog.list, runtime.minds.model, model or runtime.settings.model_default)
        chosen = offers.find("")
        if chosen.kind != "starter":
            pool.submit(offers.open, chosen)  # it loads meanwhile; what fails is told to who asks
        sockets = listening.listen(port)
        port = sockets[0].getsockname()[1]
        _announce(port, chosen, None if token is None else token_from, as_json=as_json)
        service = Service(offers, Door(port, token), Turns(), pool)
        listening.run(listening.server_of(service), sockets)


def _announce(port: int, chosen: "Offer", token_from: str | None, *, as_json: bool) -> None:
    url = f"http://127.0.0.1:{port}/v1"
    shown = {KEPT_IN: "`carryon serve --show-token` prints it", THIS_RUN: "the one above, for this run only"}.get(
        token_from or "", f"it is in {token_from}"
    )
    model = {
        "starter": "none is chosen that chats; requests name one of `carryon models list`",
        "search": f"{chosen.name}, for vectors; it does not chat",
    }.get(chosen.kind, chosen.name)
    lines = [f"Serving at {url}, on this machine only.", f"Model: {model}.", f"Token: {shown}.", "Ctrl+C ends it."]
    if token_from is None:
        click.echo(WITHOUT, err=True)
        lines.remove(f"Token: {shown}.")
    document = {"url": url, "port": port, "model": chosen.name, "token": token_from}
    show(document, as_json=as_json, lines=lines)
    sys.stdout.flush()
