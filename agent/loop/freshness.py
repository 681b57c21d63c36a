"""How old what an answer was made of is: the oldest kept copy that one of its calls used."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from agent.loop.ports import Acted
from agent.protocol.records import AnswerLabel, Call


def dated(label: AnswerLabel, deeds: Iterable[Acted]) -> AnswerLabel:
    """The label with the age of what was used; as it is where everything was fetched or found just then."""
    times = [at for deed in deeds if (at := _kept_since(deed.call)) is not None]
    return replace(label, data_from=min(times)) if times else label


def _kept_since(call: Call) -> int | None:
    """Unix milliseconds. A tool that used a kept copy says so in its facts: "cached" and "fetched"."""
    if not call.facts.get("cached"):
        return None
    try:
        return round(datetime.fromisoformat(str(call.facts.get("fetched"))).timestamp() * 1000)
    except ValueError:
        return None
