"""library.search and library.open."""

from collections.abc import Mapping

from agent.tools.context import ToolContext
from agent.tools.facts import moment_fact
from agent.tools.results import Done, Result
from agent.tools.titles import which

FOUND_MAX = 20
TEXT_CHARACTERS_MAX = 20_000  # of a document in an answer; the library view shows the whole


def search(args: Mapping[str, str], context: ToolContext) -> Result:
    matches = context.library.search(args["query"], limit=FOUND_MAX + len(context.without))
    fresh = [artifact for artifact in matches if artifact.id not in context.without][:FOUND_MAX]
    found = [
        {
            "id": artifact.id,
            "title": artifact.title,
            "kind": artifact.kind,
            "snippet": artifact.snippet,
            "updated": moment_fact(artifact.updated_at, context.zone),
        }
        for artifact in fresh
    ]
    return Done({"query": args["query"], "count": len(found), "found": found})


def open_one(args: Mapping[str, str], context: ToolContext) -> Result:
    if context.target:
        artifact = context.library.get(context.target)
    else:
        finding = context.library.find_by_title(args["title"], without=context.without)
        if finding.sure is None:
            return which("which_item", args["title"], finding.candidates, context)
        artifact = finding.sure
    text = context.library.text(artifact.id)
    shown = text[:TEXT_CHARACTERS_MAX]
    facts = {"title": artifact.title, "kind": artifact.kind, "text": shown, "cut": len(shown) < len(text)}
    return Done(facts, artifact.id)
