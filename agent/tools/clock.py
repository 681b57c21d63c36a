"""clock.now: date and time here or elsewhere, from the zone database alone."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from agent.tools.context import ToolContext
from agent.tools.places import choices, zone_of
from agent.tools.results import Done, NeedsClarification, Result

HERE = {"here", "local", "home", "my place"}


def tell(args: Mapping[str, str], context: ToolContext) -> Result:
    here, place = context.now, args.get("place")
    there, name, zone = here, None, str(context.zone)
    if place and place.casefold() not in HERE:
        found = zone_of(place)
        if not found:
            return NeedsClarification("place", {"place": place}, choices(place))
        name, zone = found
        there = here.astimezone(ZoneInfo(zone))
    apart = (there.utcoffset() or timedelta()) - (here.utcoffset() or timedelta())
    return Done(
        {
            "place": name,
            "zone": zone,
            "now": there.isoformat(timespec="seconds"),
            "weekday": there.weekday(),
            "differs_minutes": round(apart.total_seconds() / 60),
        }
    )
