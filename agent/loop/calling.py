"""A call as a chat model wrote it, made one that may be carried out: the tool it means, arguments as text that fit its
card, or what an earlier call becomes. What is wrong with it goes along as words: the user sees a refused card, the
model reads why.

A starter copies the user's words; a chat model makes arguments up. What an online tool would carry to the network must
therefore have been said by the user, or the user is asked first.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.errors import CarryonError
from agent.loop.errand import Trail
from agent.loop.offering import CHANGE, UNDO
from agent.loop.ports import Intended, Way
from agent.loop.reading import about_earlier
from agent.loop.tool_names import NAME_CHARACTERS_MAX, ToolNames
from agent.protocol.records import Call, CallStatus
from agent.tools.arguments import ARGUMENTS_MAX
from agent.tools.registry import Registry
from agent.tools.spec import Connectivity, ToolSpec
from models.contracts import ToolCall

SHOWN_CHARACTERS_MAX = 2_000  # of an argument that does not fit, on its refused card
NO_SUCH_CALL = "There is no earlier call with the id {id}."
GONE_BY = "That call was changed or taken back before, or it was never done."
Known = Mapping[str, Call]  # by the id under which the model was told of a call


def intended(call: ToolCall, registry: Registry, names: ToolNames, known: Known, said: Sequence[str]) -> Intended:
    """`said`: the user's own messages."""
    if call.name in (UNDO, CHANGE):
        earlier = _about_earlier(call, known)
        return earlier if earlier.wrong or earlier.way is Way.UNDO else _fitting(earlier, registry, said)
    tool = names.tool(call.name)
    args = {name: as_text(value) for name, value in call.arguments.items() if value is not None}
    if not registry.has(tool):
        return Intended(tool, _shown(args))  # refused where every call is
    return _fitting(Intended(tool, args), registry, said)


def _fitting(call: Intended, registry: Registry, said: Sequence[str]) -> Intended:
    try:
        args = registry.check(call.tool, call.args)
    except CarryonError as error:
        return Intended(call.tool, _shown(call.args), wrong=" ".join(filter(None, (error.what, error.todo))))
    if _unsaid(registry.get(call.tool), args, said):
        return Intended(call.tool, args, unsaid=True)  # not in the place of another: the user decides about it first
    return replace(call, args=args)


def as_text(value: Any) -> Any:
    """Numbers and yes or no as text; what is neither is left for the check to refuse."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


def _about_earlier(call: ToolCall, known: Known) -> Intended:
    wanted = {name: as_text(value) for name, value in call.arguments.items()}
    earlier = known.get(str(wanted.get("call", "")).strip())
    if earlier is None:
        return Intended(call.name, _shown(wanted), wrong=NO_SUCH_CALL.format(id=str(wanted.get("call"))[:40]))
    if not _stands(earlier):
        return Intended(earlier.tool, _shown(earlier.args), wrong=GONE_BY)
    if call.name == UNDO:
        return about_earlier(earlier, {}, Way.UNDO)
    change = {str(wanted.get("argument", "")): str(wanted.get("value", ""))}
    return about_earlier(earlier, change, Way.AMEND)


def _stands(call: Call) -> bool:
    gone = call.status in (CallStatus.UNDONE, CallStatus.REFUSED) or bool(call.facts.get("ask"))
    return not gone and not Trail.of(call).replaced_by


def _shown(args: Mapping[str, Any]) -> dict[str, str]:
    texts = [(str(name), value if isinstance(value, str) else _json(value)) for name, value in args.items()]
    return {name[:NAME_CHARACTERS_MAX]: text[:SHOWN_CHARACTERS_MAX] for name, text in texts[:ARGUMENTS_MAX]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _unsaid(spec: ToolSpec, args: Mapping[str, str], said: Sequence[str]) -> bool:
    """Whether it would tell the network something that the user never wrote."""
    if spec.connectivity is not Connectivity.ONLINE:
        return False
    return not all(any(_stands_in(value, text) for text in said) for value in args.values())


def _stands_in(value: str, text: str) -> bool:
    """As words of their own; of an address the scheme and a last slash do not count."""
    bare = re.sub(r"^https?://", "", value.strip(), flags=re.IGNORECASE).rstrip("/").casefold()
    return bool(bare) and re.search(rf"(?<![\w.@-]){re.escape(bare)}(?![\w@-]|\.\w)", text.casefold()) is not None
