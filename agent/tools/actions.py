"""Tools of the user's own: one HTTP request each, as `[actions.NAME]` declares it. What is sent is filled in here and
stands in the outbox as it will leave, without secrets; a question to a server (class online) is asked at once.
"""

import os
from collections.abc import Callable, Mapping
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
    placeholders,
)
from agent.protocol.commands import new_id
from agent.tools.context import ToolContext
from agent.tools.errors import ToolArgumentBad, ToolRefusedError
from agent.tools.outgoing import Place, deferred, in_short
from agent.tools.results import Done, Result
from agent.tools.titles import one_line
from sync.transports.action import Declared
from sync.transports.http import Answer, door
from sync.transports.outcomes import DeliveryError, NotConfiguredError, UnreachableError
from sync.transports.port import Limits, Mode

SENTENCE_MAX = 900
SHOWN_CHARACTERS_MAX = 20_000
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
    if action.reach == "online" and not context.offline:
        try:
            return _asked(action, payload, context)
        except UnreachableError:
            pass  # it waits then
    host = urlsplit(str(payload["url"])).netloc
    said = ", ".join(f"{name}: {in_short(value)}" for name, value in args.items())
    sentence = one_line(f"{action.about} {action.method} to {host}" + (f": {said}" if said else ""))[:SENTENCE_MAX]
    place = Place(f"action:{action.name}", action.name)
    return deferred(
        action.tool, args, place, payload, sentence, {**args, "action": action.name}, context, action.fresh_s
    )


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


def _asked(action: Action, payload: Mapping[str, Any], context: ToolContext) -> Done:
    """Raises UnreachableError where nobody is there, ToolRefusedError for every other no."""
    way = door(action.name, str(payload["url"]), _secrets(action), context.clock, ASKED_WITHIN)
    try:
        answer = way.look("GET", way.url, None, payload.get("headers", {}))
    except UnreachableError:
        raise
    except (DeliveryError, NotConfiguredError) as error:
        raise ToolRefusedError(error.what, error.where, error.todo) from error
    return Done(_facts(answer, way.host))


def _facts(answer: Answer, host: str) -> dict[str, object]:
    text = answer.body.decode("utf-8", "replace")
    shown = text[:SHOWN_CHARACTERS_MAX]
    return {"host": host, "status": answer.status, "text": shown, "cut": len(shown) < len(text)}
