"""message.post: a message to a channel of the settings, through the outbox."""

from collections.abc import Mapping

from agent.tools.context import ToolContext
from agent.tools.errors import ToolArgumentBad
from agent.tools.outgoing import Perhaps, deferred, in_short, named_place, plain_name
from agent.tools.results import NeedsClarification, Result


def post(args: Mapping[str, str], context: ToolContext) -> Result:
    said = plain_name(args["channel"])
    if not said:
        raise ToolArgumentBad("The channel has no name.", "message.post, channel", "Name one, such as #ops.")
    place = named_place(said, context.settings.channels, "webhook", "channel", context)
    if isinstance(place, Perhaps):
        return NeedsClarification("channel", {"channel": said}, (place.name,))
    payload = {"channel": place.name, "text": args["text"]}
    sentence = f"Message to #{place.name}: {in_short(args['text'])}"
    return deferred("message.post", args, place, payload, sentence, dict(payload), context)
