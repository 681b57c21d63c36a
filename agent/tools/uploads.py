"""file.upload: a piece of work of the library into a folder elsewhere. What is decided on is the file there as it was
last sent from here; one that is there against that stops it (sync/transports/webdav.py)."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from agent.tools.context import ToolContext
from agent.tools.enclosures import enclosed
from agent.tools.errors import ToolArgumentBad
from agent.tools.outgoing import Place, declared, default_account, deferred
from agent.tools.results import NeedsClarification, Result
from sync.transports.attached import safe_name

TOOL = "file.upload"
STEPS_MAX = 20


def upload(args: Mapping[str, str], context: ToolContext) -> Result:
    name = _share(args.get("account", ""), context)
    found = enclosed(args["title"], context)
    if isinstance(found, NeedsClarification):
        return found
    if len(found) != 1:
        raise ToolArgumentBad("One piece of work goes at a time.", TOOL, "Name one of them.")
    (entry,) = found
    path = _path(args.get("path", ""), str(entry["name"]))
    place = Place(f"webdav:{name}", name)
    payload = {"path": path, "attached": [dict(entry)]}
    facts = {"title": entry["name"], "path": path, "account": name, "version": entry["version"]}
    sentence = f"File {entry['name']} (version {entry['version']}) to {path} in the folder {name}"
    return deferred(
        TOOL,
        args,
        place,
        payload,
        sentence,
        facts,
        context,
        basis={"etag": _last_known(place.destination, path, context)},
    )


def _share(said: str, context: ToolContext) -> str:
    shares = context.settings.shares
    name = declared(said, shares) if said else default_account(shares)
    if name is None:
        known = ", ".join(shares) or "none yet"
        raise ToolArgumentBad(f"There is no folder named {said!r}.", TOOL, f"There is: {known}.")
    return name


def _path(said: str, name: str) -> str:
    """Each step a name that is one everywhere; what ends with a slash is a folder that it goes into."""
    wanted = said.strip().replace("\\", "/")
    steps = [step for step in PurePosixPath("/" + wanted).parts[1:] if step != "."]
    if ".." in steps or len(steps) >= STEPS_MAX:
        raise ToolArgumentBad(f"{said!r} leads out of the folder, or too deep.", TOOL, "Write it like reports/may.md.")
    if not steps or wanted.endswith("/"):
        steps.append(name)
    return "/".join(safe_name(step) for step in steps)


def _last_known(destination: str, path: str, context: ToolContext) -> str:
    """The tag of the file as it was last sent from here; "" where it never was."""
    earlier = (item for item in context.sent(destination) if item.payload.get("path") == path)
    receipt = next((item.receipt for item in earlier if item.receipt), {})
    return str(receipt.get("reference", ""))
