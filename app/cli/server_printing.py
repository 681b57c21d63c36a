"""Servers of tools as the command line tells them: documents for scripts, lines for people."""

from typing import TYPE_CHECKING, Any

from app.cli.printing import moment, table

if TYPE_CHECKING:
    from agent.mcp.declaring.classes import Standing
    from agent.mcp.front import ServerFront
    from agent.mcp.roster import Shown


def how(one: "Shown") -> str:
    return one.server.url or " ".join(one.server.command)


def counted(one: "Shown") -> str:
    usable = sum(standing.usable for standing in one.standings)
    waiting = len(one.standings) - usable
    return f"{usable} tools" + (f", {waiting} to look at" if waiting else "")


def trouble(one: "Shown") -> str:
    """Why nothing of it can be used, and that it did not answer when it was asked last."""
    failed = f"Asked {moment(one.failure.at_ms)}: {one.failure.what}" if one.failure else ""
    return " ".join(filter(None, (one.trouble, failed)))


def record(one: "Shown") -> dict[str, Any]:
    resolution, listing = one.resolution, one.listing
    refused = listing.refused if listing else ()
    return {
        "name": one.server.name, "command": list(one.server.command), "url": one.server.url,
        "enabled": one.server.enabled, "trouble": one.trouble, "version": listing.version if listing else "",
        "asked_at": listing.at_ms if listing else None,
        "failed_at": one.failure.at_ms if one.failure else None, "failure": one.failure.what if one.failure else "",
        "installed": {"package": resolution.package, "version": resolution.version, "digest": resolution.digest,
                      "program": resolution.command[0]} if resolution else None,
        "usable": [standing.name for standing in one.standings if standing.usable],
        "waiting": [standing.tool.name for standing in one.standings if not standing.usable],
        "left_out": dict(one.left_out), "resources": len(listing.resources) if listing else 0,
        "prompts": len(listing.prompts) if listing else 0,
        "refused": [{"kind": left.kind, "name": left.name, "why": left.why} for left in refused],
    }  # fmt: skip


def tool_record(one: "Standing", shown: "Shown", front: "ServerFront") -> dict[str, Any]:
    from agent.mcp.declaring.class_words import table as plain

    suggestion = front.suggestion(shown, one)
    return {
        "name": one.name, "tool": one.tool.name, "about": one.tool.about, "usable": one.usable, "why_not": one.why,
        "class": plain(one.classing) if one.classing else None, "suggested": plain(suggestion.classing),
        "suggested_why": suggestion.why,
    }  # fmt: skip


def told(one: "Shown") -> list[str]:
    from agent.mcp.declaring.class_words import in_words

    lines = [f"{one.server.name}: {how(one)}"]
    if one.resolution:
        lines.append(f"installed: {one.resolution.package} {one.resolution.version} ({one.resolution.command[0]})")
    if one.listing:
        lines.append(f"{one.listing.version}, asked {moment(one.listing.at_ms)}")
    lines += [f"  {trouble(one)}"] if trouble(one) else []
    rows = [
        (f"  {standing.name}", in_words(standing.classing) if standing.usable and standing.classing else standing.why)
        for standing in one.standings
    ]
    lines += table(rows)
    if one.listing and one.listing.nameless:
        lines.append(f"  {one.listing.nameless} more are left out: they have no name that can be used, or one twice.")
    lines += [f"  {name} is left out: {why}" for name, why in one.left_out.items()]
    refused = one.listing.refused if one.listing else ()
    lines += [f"  {left.kind} {left.name} is left out: {left.why}" for left in refused]
    if any(not standing.usable for standing in one.standings):
        lines.append(f"To look at them: carryon servers classes {one.server.name}")
    return lines
