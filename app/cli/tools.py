"""`carryon tools`: the cards of all tools."""

import click

from agent.tools.spec import Connectivity
from app.cli.opening import command, json_option, profile
from app.cli.printing import show, table


@click.command()
@json_option
@command
def tools(as_json: bool) -> None:
    """What Carryon can do, where it works, and your rule for each."""
    with profile() as runtime:
        cards = [
            {
                "name": spec.name,
                "about": spec.about,
                "connectivity": spec.connectivity,
                "idempotency": spec.idempotency,
                "touches": sorted(spec.touches or ()),
                "fresh_for_s": spec.fresh_for_s,
                "past": spec.past if spec.connectivity is Connectivity.ONLINE else None,
                "rule": runtime.rule(spec.name),
                "arguments": {param.name: param.about for param in spec.params},
            }
            for spec in runtime.registry.specs()
        ]
    rows = [(str(card["name"]), str(card["connectivity"]), str(card["rule"]), str(card["about"])) for card in cards]
    show(cards, as_json=as_json, lines=table(rows))
