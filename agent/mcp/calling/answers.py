"""What came of a call at a server, as facts: its words, its structured result, where they come from, how old they are.
All of it was written by a stranger; `source` says so to whoever shows it or hands it to a model."""

import json
from typing import Any

from agent.mcp.outcomes import CallOutcome
from agent.tools.errors import ToolRefusedError
from agent.tools.results import Done, Enclosure

STRUCTURED_CHARACTERS_MAX = 100_000
WHY_CHARACTERS_MAX, LINKS_SHOWN_MAX = 500, 20


def done(server: str, tool: str, outcome: CallOutcome) -> Done:
    """Raises ToolRefusedError where the tool itself says that it did not succeed."""
    if outcome.failed:
        said = " ".join(outcome.text.split())[:WHY_CHARACTERS_MAX].rstrip(".") or "it did not say why"
        raise ToolRefusedError(
            f"{tool} did not succeed: {said}.", f"server {server}", "Change what was asked, or try again."
        )
    structured, too_long = _structured(outcome)
    links = [link.uri for link in outcome.links[:LINKS_SHOWN_MAX]]
    facts = {
        "text": outcome.text,
        "structured": structured,
        "links": links or None,
        "pictures": len(outcome.pictures) or None,
        "sounds": len(outcome.sounds) or None,
        "cut": outcome.cut or too_long or None,
        "note": outcome.fault or None,
        "server": server,
        "source": f"server {server}",
        "age_s": 0,
    }
    came = (*(one.content for one in outcome.pictures), *(one.content for one in outcome.sounds))
    kept = {name: value for name, value in facts.items() if value is not None}
    return Done(kept, enclosures=tuple(map(Enclosure, came)))


def _structured(outcome: CallOutcome) -> tuple[Any, bool]:
    """Without what the text says already; whether it was too long to keep."""
    if outcome.structured is None:
        return None, False
    written = json.dumps(outcome.structured, ensure_ascii=False, default=str)
    try:
        if json.loads(outcome.text) == outcome.structured:
            return None, False
    except (ValueError, RecursionError):
        pass
    if len(written) > STRUCTURED_CHARACTERS_MAX:
        return None, True
    return outcome.structured, False
