"""`carryon servers sign-in` and `sign-out`. The address is printed; a browser is opened only where that was said."""

from typing import TYPE_CHECKING

import click

from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import aside, show

if TYPE_CHECKING:
    from agent.mcp.signing.records import Doorstep


@click.command("sign-in")
@click.argument("name")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser of this system.")
@offline_option
@json_option
@command
def sign_in(name: str, opens: bool, offline: bool, as_json: bool) -> None:
    """Sign in to a server at an address. Prints where you have to go, and waits for you; Ctrl-C cancels."""
    with profile(offline=offline) as runtime:
        runtime.servers.front.sign_in(name, lambda doorstep: _tell(doorstep, opens=opens))
    show({"name": name, "signed_in": True}, as_json=as_json, lines=[f"You are signed in at the server {name}."])


def _tell(doorstep: "Doorstep", *, opens: bool) -> None:
    aside(f"You sign in to the server {doorstep.server} at {doorstep.host}. If that is unexpected, press Ctrl-C.")
    if doorstep.takes:
        aside(f"{doorstep.takes} takes the answer, and gets what you allow there. Do you know both?")
    aside(doorstep.url)
    if opens:
        import webbrowser

        if not webbrowser.open(doorstep.url):
            aside("This system opened no browser. Go to the address yourself; it is waited for.")


@click.command("sign-out")
@click.argument("name")
@json_option
@command
def sign_out(name: str, as_json: bool) -> None:
    """Forget here what a sign-in gave. To end it at the service itself, go to its own page."""
    with profile() as runtime:
        runtime.servers.front.sign_out(name)
    show({"name": name, "signed_in": False}, as_json=as_json, lines=[f"You are signed out at the server {name}."])
