"""email.send: who it goes to, through which account, under which subject. It leaves through the outbox."""

from collections.abc import Mapping

from agent.tools.context import ToolContext
from agent.tools.enclosures import enclosed, named
from agent.tools.outgoing import PRACTICE, Place, deferred, in_short, mail_place
from agent.tools.recipients import PRACTICE_ADDRESS, Recipient, Unknown, bare_address, recipients
from agent.tools.results import NeedsClarification, Result
from agent.tools.titles import first_words, one_line
from sync.addresses import HEADER_CHARACTERS_MAX
from sync.intent import SENTENCE_CHARACTERS_MAX

SHOWN_MAX = 500  # characters of the recipients in the sentence


def send(args: Mapping[str, str], context: ToolContext) -> Result:
    place = mail_place(context)
    found = recipients(one_line(args["to"]), context.settings, _own_address(place, context))
    if isinstance(found, Unknown):
        if place.name != PRACTICE or found.why or found.close:
            return _ask(found)
        found = (_practised(found.said),)
    to = ", ".join(one.address for one in found)
    attached = enclosed(args["attach"], context) if "attach" in args else ()
    if isinstance(attached, NeedsClarification):
        return attached
    subject = one_line(args.get("subject", "")) or first_words(args["body"])
    payload = {"to": to, "subject": subject[:HEADER_CHARACTERS_MAX], "body": args["body"]}
    enclosures = {"attached": [dict(one) for one in attached]} if attached else {}
    names = ", ".join(one.name for one in found if one.name)
    files = {"attached": named(attached)} if attached else {}
    facts = {**payload, **files, "name": names or None, "account": place.name or None}
    sentence = f"E-mail to {', '.join(map(_shown, found))[:SHOWN_MAX]}: {in_short(args['body'])}"
    if attached:
        sentence = f"{sentence}; with {named(attached)}"[:SENTENCE_CHARACTERS_MAX]
    return deferred("email.send", args, place, {**payload, **enclosures}, sentence, facts, context)


def _own_address(place: Place, context: ToolContext) -> str | None:
    if place.lacks:
        return None
    return PRACTICE_ADDRESS if place.name == PRACTICE else bare_address(context.settings.accounts[place.name].sender)


def _practised(name: str) -> Recipient:
    """In the practice mailbox everybody has an address, so that a name is enough to try it; it leads nowhere else."""
    local = "".join(letter if letter.isalnum() and letter.isascii() else "." for letter in name.casefold()).strip(".")
    return Recipient(f"{local or 'somebody'}@{PRACTICE_ADDRESS.partition('@')[2]}", name)


def _ask(unknown: Unknown) -> NeedsClarification:
    if unknown.why:
        return NeedsClarification("address_bad", {"address": unknown.said, "why": unknown.why})
    hint = f'[contacts]\n"{unknown.said}" = "name@example.org"'
    return NeedsClarification("address", {"name": unknown.said, "hint": hint}, unknown.close)


def _shown(one: Recipient) -> str:
    return f"{one.name} <{one.address}>" if one.name else one.address
