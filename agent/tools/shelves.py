"""library.search and library.open."""

from collections.abc import Mapping

from agent.tools.context import ToolContext
from agent.tools.facts import moment_fact
from agent.tools.results import Done, NeedsClarification, Result
from agent.tools.titles import choices

FOUND_MAX = 20
TEXT_CHARACTERS_MAX = 20_000  # of a document in an answer; the library view shows the whole


def search(args: Mapping[str, str], context: ToolContext) -> Result:
    found = [
        {
            "id": artifact.id,
            "title": artifact.title,
            "kind": artifact.kind,
            "snippet": artifact.snippet,
            "updated": moment_fact(artifact.updated_at, context.zone),
        }
        for artifact in context.library.search(args["query"], limit=FOUND_MAX)
    ]
    return Done({"query": args["query"], "count": len(found), "found": found})


def open_one(args: Mapping[str, str], context: ToolContext) -> Result:
    finding = context.library.find_by_title(args["title"])
    if finding.sure is None:
        return NeedsClarification("which_item", {"title": args["title"]}, choices(finding.candidates))
    artifact = finding.sure
    text = context.library.text(artifact.id)
    shown = text[:TEXT_CHARACTERS_MAX]
    facts = {"title": artifact.title, "kind": artifact.kind, "text": shown, "cut": len(shown) < len(text)}
    return Done(facts, artifact.id)
