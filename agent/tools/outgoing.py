"""What leaves this machine: where it goes, until when it may, and the intent that the outbox keeps.

A name that no account, channel or tracker has is kept as "none:channel:ops": the item waits and says what to set up.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from agent.tools.context import ToolContext
from agent.tools.facts import moment_fact
from agent.tools.results import Deferred, Facts
from agent.tools.shipped import MAIL_FRESH_S
from agent.tools.titles import first_words, one_line
from sync.intent import Intent

PRACTICE = "practice"  # name of the destinations that Carryon serves itself
DEFAULT_ACCOUNT = "default"
SENTENCE_BODY_MAX = 120
NAME_CHARACTERS_MAX = 120


@dataclass(frozen=True, slots=True)
class Place:
    """A destination. `name`: as the settings have it; `lacks`: what the user must set up first, "" for nothing."""

    destination: str
    name: str
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Perhaps:
    """No such name, but one that comes close."""

    name: str


def default_account(accounts: Iterable[str]) -> str | None:
    """The account named default, else the first by name."""
    return min(accounts, key=lambda name: (name != DEFAULT_ACCOUNT, name), default=None)


def declared(said: str, known: Iterable[str]) -> str | None:
    """The channel or tracker that the user's name means; case and "the … channel" around it do not count."""
    name = plain_name(said).casefold()
    return next((candidate for candidate in known if plain_name(candidate).casefold() == name), None)


def mail_place(context: ToolContext) -> Place:
    """The default account; without any the practice mailbox, else none."""
    if name := default_account(context.settings.accounts):
        return Place(f"smtp:{name}", name)
    if context.settings.practice_enabled:
        return Place(f"smtp:{PRACTICE}", PRACTICE)
    return Place("none:email", "", "account")


def named_place(said: str, known: Mapping[str, Any], kind: str, what: str, context: ToolContext) -> Place | Perhaps:
    """A channel or tracker by the user's name for it. `kind`: of transport; `what`: "channel" or "tracker"."""
    name = plain_name(said)
    if candidate := declared(said, known):
        return Place(f"{kind}:{candidate}", candidate)
    folded = {plain_name(candidate).casefold(): candidate for candidate in known}
    if close := get_close_matches(name.casefold(), folded, n=1, cutoff=0.75):
        return Perhaps(folded[close[0]])
    if context.settings.practice_enabled:
        return Place(f"{kind}:{PRACTICE}", name)
    return Place(f"none:{what}:{name}", name, what)


def plain_name(said: str) -> str:
    """ "the #ops channel" is "ops"."""
    name = one_line(said).strip("\"'#@ ").removeprefix("the ").lstrip("#")
    name = re.sub(r"\s+(?:channel|chanel|project|tracker|repo|repository)$", "", name, flags=re.IGNORECASE)
    return name[:NAME_CHARACTERS_MAX]


def deferred(
    tool: str, args: Mapping[str, str], place: Place, payload: Mapping[str, Any], sentence: str, facts: Facts,
    context: ToolContext, fresh_s: int = MAIL_FRESH_S, basis: Mapping[str, Any] | None = None,
) -> Deferred:  # fmt: skip
    """The intent with its expiry, and its facts with what is lacking. `basis`: what it is decided on."""
    expires_at = context.now_ms + fresh_s * 1000
    intent = Intent(
        tool,
        dict(args),
        place.destination,
        payload,
        sentence,
        expires_at=expires_at,
        conversation_id=context.conversation_id or None,
        turn_id=context.turn_id or None,
        call_id=context.call_id or None,
        basis=basis,
    )
    known = {"lacks": place.lacks or None, "expires": moment_fact(expires_at, context.zone)}
    return Deferred(intent, {**facts, **known})


def in_short(text: str) -> str:
    return first_words(text, SENTENCE_BODY_MAX)
