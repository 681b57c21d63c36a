"""issue.create: an issue for a tracker of the settings, through the outbox."""

from collections.abc import Mapping

from agent.tools.context import ToolContext
from agent.tools.errors import ToolArgumentBad
from agent.tools.outgoing import Perhaps, Place, deferred, in_short, named_place, plain_name
from agent.tools.results import NeedsClarification, Result
from agent.tools.titles import one_line


def create(args: Mapping[str, str], context: ToolContext) -> Result:
    said = plain_name(args["project"])
    if not said:
        raise ToolArgumentBad("The project has no name.", "issue.create, project", "Name one, such as infra.")
    place = _by_project(said, context) or named_place(said, context.settings.trackers, "tracker", "tracker", context)
    if isinstance(place, Perhaps):
        return NeedsClarification("project", {"project": said}, (place.name,))
    title, body = one_line(args["title"]), args.get("body", "")
    payload = {"project": _project(place, context), "title": title, "body": body}
    facts = {"project": place.name, "title": title, "body": body}
    sentence = f"Issue in {place.name}: {in_short(title)}"
    return deferred("issue.create", args, place, payload, sentence, facts, context)


def _by_project(said: str, context: ToolContext) -> Place | None:
    """ "carryon/web" names the tracker whose project it is."""
    for name, tracker in context.settings.trackers.items():
        if tracker.project and tracker.project.casefold() == said.casefold():
            return Place(f"tracker:{name}", name)
    return None


def _project(place: Place, context: ToolContext) -> str:
    """The project at the tracker; the user's word for it where the settings name none."""
    tracker = context.settings.trackers.get(place.name)
    return tracker.project if tracker and tracker.project else place.name
