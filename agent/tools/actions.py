"""Tools of the user's own: one HTTP request each, as `[actions.NAME]` declares it. What is sent is filled in here and
stands in the outbox as it will leave, without secrets; a question to a server (class online) is asked at once.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.agentrc.actions import Action
from agent.agentrc.references import is_reference, keyring_get, resolve_secret
from agent.agentrc.templates import (
    KEY,
    TemplateError,
    Value,
    Values,
    fill_json,
    fill_text,
    fill_url,
    origin,
    placeholders,
)
from agent.protocol.commands import new_id
from agent.tools.asking import DESTINATION as LATER
from agent.tools.asking import KEEP, Fresh, Question, answered
from agent.tools.context import ToolContext
from agent.tools.errors import AwayError, ToolArgumentBad, ToolRefusedError
from agent.tools.kept import Kept, KeptAnswers
from agent.tools.later import AskTransport
from agent.tools.outgoing import Place, deferred, in_short
from agent.tools.results import Result
from agent.tools.spec import Past
from agent.tools.titles import one_line
from sync.item import Item
from sync.transports.action import Declared
from sync.transports.http import Answer, door, travels_open
from sync.transports.outcomes import (
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UnreachableError,
)
from sync.transports.places import is_loopback
from sync.transports.port import Limits, Mode

SENTENCE_MAX = 900
SHOWN_CHARACTERS_MAX = 20_000
TAG_MAX = 300  # characters of an ETag or a time that is sent back
NOT_MODIFIED = 304
NAMED = "action."  # of a name behind "ask:"
ASKED_WITHIN = Limits(connect_s=5.0, read_s=10.0, total_s=15.0)


def tool(name: str) -> Callable[[Mapping[str, str], ToolContext], Result]:
    """The function of one action, looked up in the settings at each call."""

    def run(args: Mapping[str, str], context: ToolContext) -> Result:
        action = context.settings.actions.get(name)
        if action is None:
            raise ToolRefusedError(f"There is no action {name} any more.", "~/.agentrc", "Look at your settings.")
        return _run(action, args, context)

    return run


def _run(action: Action, args: Mapping[str, str], context: ToolContext) -> Result:
    payload = request(action, args)
    if action.reach == "online":
        return _answered(action, args, payload, context)
    sentence = _sentence(action, args, payload)
    place = Place(f"action:{action.name}", action.name)
    return deferred(
        action.tool, args, place, payload, sentence, {**args, "action": action.name}, context, action.fresh_s
    )


def _answered(
    action: Action, args: Mapping[str, str], payload: Mapping[str, Any], context: ToolContext
) -> Result:  # fmt: skip
    question = Question(
        action.tool, args, source_of(payload), _identity(action), action.fresh_s, Past(action.past),
        Place(f"{LATER}:{NAMED}{action.name}", action.name), payload,
        f"Ask once there is a connection: {_sentence(action, args, payload)}", {"action": action.name},
    )  # fmt: skip
    return answered(question, lambda kept: _now(action, payload, kept, context.clock), context)


def _sentence(action: Action, args: Mapping[str, str], payload: Mapping[str, Any]) -> str:
    host = urlsplit(str(payload["url"])).netloc
    said = ", ".join(f"{name}: {in_short(value)}" for name, value in args.items())
    return one_line(f"{action.about} {action.method} to {host}" + (f": {said}" if said else ""))[:SENTENCE_MAX]


def source_of(payload: Mapping[str, Any]) -> str:
    return f"host {urlsplit(str(payload['url'])).netloc}"


def _identity(action: Action) -> str:
    """Changes with the declaration, the name of its secret included."""
    said = {one.name: getattr(action, one.name) for one in fields(action) if one.name not in ("about", "past")}
    return hashlib.sha256(repr({**said, "headers": sorted(action.headers.items())}).encode()).hexdigest()


def request(action: Action, args: Mapping[str, str]) -> dict[str, Any]:
    """What will be sent. Raises ToolArgumentBad for a value that does not fit its place."""
    token = f"key-{new_id()}"  # no value can be taken for it
    values: Values = {
        **{one.name: Value(args[one.name], one.kind == "number") for one in action.arguments if one.name in args},
        KEY: Value(token),
    }
    try:
        payload: dict[str, Any] = {"method": action.method, "url": fill_url(action.url, values)}
        if headers := _headers(action, values):
            payload["headers"] = headers
        if action.json is not None:
            payload["json"] = fill_json(action.json, values)
        if action.body is not None:
            payload["body"] = fill_text(action.body, values)
        if action.find is not None:
            payload["find"] = fill_url(action.find, values)
    except TemplateError as error:
        raise ToolArgumentBad(str(error), action.tool, "Say it in another way.") from error
    return {**payload, "key_token": token} if _uses_key(action) else payload


def _uses_key(action: Action) -> bool:
    templates = (action.url, action.json or "", action.body or "", action.find or "", *action.headers.values())
    return any(KEY in placeholders(template) for template in templates)


def _headers(action: Action, values: Values) -> dict[str, str]:
    """Those without secrets."""
    plain = {name: template for name, template in action.headers.items() if not is_reference(template)}
    filled = {name: fill_text(template, values).strip() for name, template in plain.items()}
    if bad := next((name for name, value in filled.items() if not (value.isascii() and value.isprintable())), None):
        raise ToolArgumentBad(
            f"The header {bad} takes plain letters on one line only.", action.tool, "Say it otherwise."
        )
    return {name: value for name, value in filled.items() if value}


def declared(action: Action) -> Declared:
    """For its transport, with its secrets. Raises SecretError."""
    mode: Mode = "key" if action.repeat == "key" else "query" if action.repeat == "query" else "none"
    return Declared(action.name, action.url, mode, action.repeat_header, _secrets(action))


def _secrets(action: Action) -> dict[str, str]:
    found = {name: _resolved(value) for name, value in action.headers.items() if is_reference(value)}
    return {**found, "Authorization": f"Bearer {_resolved(action.secret)}"} if action.secret else found


def _resolved(reference: str) -> str:
    return resolve_secret(reference, os.environ, keyring_get)


def asks(action: Action, folder: Path, clock: Callable[[], float]) -> AskTransport:
    """For its questions that waited. An item whose address the declaration of today does not cover is refused."""

    def ask(item: Item) -> Fresh:
        url = str(item.payload.get("url", ""))
        if origin(action.url) != origin(url) or action.reach != "online":
            raise RejectedError(
                f"The action {action.name} is another one by now.", f"~/.agentrc, actions.{action.name}", "Ask again."
            )
        under = item.payload.get(KEEP)
        kept = KeptAnswers(folder).get(str(under["key"])) if isinstance(under, Mapping) else None
        return _looked(action, item.payload, kept, clock)

    return AskTransport(action.name, ask, folder, clock, loopback=is_loopback(urlsplit(action.url).hostname or ""))


def _now(action: Action, payload: Mapping[str, Any], kept: Kept | None, clock: Callable[[], float]) -> Fresh:
    """Raises AwayError where nobody is there, or wants to be asked later; ToolRefusedError for every other no."""
    try:
        return _looked(action, payload, kept, clock)
    except (UnreachableError, RetryableError) as error:
        raise AwayError(error.what, error.where, error.todo) from error
    except (DeliveryError, NotConfiguredError) as error:
        raise ToolRefusedError(error.what, error.where, error.todo) from error


def _looked(action: Action, payload: Mapping[str, Any], kept: Kept | None, clock: Callable[[], float]) -> Fresh:
    """Raises as a transport does."""
    secrets = _secrets(action)
    if travels_open(action.url, "".join(secrets.values())):
        where = f"~/.agentrc, actions.{action.name}"
        raise NotConfiguredError("Its secret would travel in the open.", where, "Write url with https://.")
    way = door(action.name, str(payload["url"]), secrets, clock, ASKED_WITHIN)
    known = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified} if kept else {}
    headers = {**payload.get("headers", {}), **{name: value for name, value in known.items() if value}}
    answer = way.look("GET", way.url, None, headers, fine=(NOT_MODIFIED,) if kept else ())
    if kept and answer.status == NOT_MODIFIED:
        return Fresh(kept.facts, kept.etag, kept.last_modified)
    etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
    return Fresh(_facts(answer, way.host), etag[:TAG_MAX], modified[:TAG_MAX])


def _facts(answer: Answer, host: str) -> dict[str, object]:
    text = answer.body.decode("utf-8", "replace")
    shown = text[:SHOWN_CHARACTERS_MAX]
    return {
        "host": host, "status": answer.status, "text": shown, "cut": len(shown) < len(text), "source": f"host {host}",
    }  # fmt: skip
