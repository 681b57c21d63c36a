"""note.create and note.append: notes are artifacts; the earlier version of a note stays."""

from collections.abc import Mapping

from agent.tools.context import ToolContext
from agent.tools.results import Done, NeedsClarification, Result
from agent.tools.titles import choices, first_words, one_line

KINDS = ("note", "document")


def create(args: Mapping[str, str], context: ToolContext) -> Result:
    title = one_line(args.get("title", "")) or first_words(args["body"])
    artifact = context.library.create("note", title, args["body"], conversation_id=context.conversation_id)
    return Done({"title": artifact.title, "characters": len(args["body"])}, artifact.id)


def append(args: Mapping[str, str], context: ToolContext) -> Result:
    finding = context.library.find_by_title(args["title"], kinds=KINDS)
    if finding.sure is None:
        return NeedsClarification("which_note", {"title": args["title"]}, choices(finding.candidates))
    artifact = context.library.append(finding.sure.id, args["text"], conversation_id=context.conversation_id)
    return Done({"title": artifact.title, "text": args["text"], "version": artifact.head}, artifact.id)
