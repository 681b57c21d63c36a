"""note.create and note.append: notes are artifacts; the earlier version of a note stays."""

from collections.abc import Mapping

from agent.tools.context import ToolContext
from agent.tools.results import Done, Result
from agent.tools.titles import first_words, one_line, which

KINDS = ("note", "document")


def create(args: Mapping[str, str], context: ToolContext) -> Result:
    """A new note; with a target that one, said anew: what was written in it since is joined and not lost."""
    library, body = context.library, args["body"]
    title = one_line(args.get("title", "")) or first_words(body)
    if context.target:
        artifact = library.save(
            context.target, body, title=title, based_on=_own_version(context), conversation_id=context.conversation_id
        )
    else:
        artifact = library.create("note", title, body, conversation_id=context.conversation_id)
    return Done({"title": artifact.title, "characters": len(body)}, artifact.id)


def _own_version(context: ToolContext) -> int:
    """The newest version that Carryon wrote in this conversation; what came besides is somebody else's."""
    versions, here = context.library.versions(context.target), ("carryon", context.conversation_id)
    own = (version.n for version in versions if (version.author, version.conversation_id) == here)
    return next(own, versions[0].n)


def append(args: Mapping[str, str], context: ToolContext) -> Result:
    note_id = context.target
    if not note_id:
        finding = context.library.find_by_title(args["title"], kinds=KINDS, without=context.without)
        if finding.sure is None:
            return which("which_note", args["title"], finding.candidates, context)
        note_id = finding.sure.id
    artifact = context.library.append(note_id, args["text"], conversation_id=context.conversation_id)
    return Done({"title": artifact.title, "text": args["text"], "version": artifact.head}, artifact.id)
