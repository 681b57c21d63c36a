"""A server at an address that cannot be reached gives way to what it answered before; a program that fails does not."""

from pathlib import Path

import pytest

from agent.agentrc.classings import wrong_with
from agent.errors import BadRequestError
from agent.mcp.declaring.class_words import changed, table
from agent.mcp.errors import McpError
from agent.mcp.records import Classing
from agent.tools.results import Deferred, Done
from agent.tools.spec import Connectivity, Idempotency, Past
from tests.mcp_servers.web import WebServer
from tests.unit.agent.mcp.profiles import profile, workshop

SAID = Classing(Connectivity.ONLINE, 60, Idempotency.NONE, frozenset(), "0123456789abcdef")


def test_what_it_answered_before_while_it_is_away(tmp_path: Path) -> None:
    with WebServer() as server, profile(tmp_path, f'[servers.web-shop]\nurl = "{server.url}"\n') as made:
        made.front.refresh("web-shop")
        made.say("web-shop", "act", class_="online", fresh="5m", touches="network")
        first = made.registry.call("web-shop.act", {"text": "a"}, made.context())
        assert isinstance(first, Done)
        server.__exit__()
        made.front.lines.hang_up("web-shop")
        later = made.registry.call("web-shop.act", {"text": "a"}, made.context())
        assert isinstance(later, Done)
        assert (later.facts["text"], later.facts["cached"]) == (first.facts["text"], True)
        waits = made.registry.call("web-shop.act", {"text": "b"}, made.context())
        assert isinstance(waits, Deferred)
        assert waits.intent.destination == "ask:server.web-shop"


def test_a_program_that_does_not_start_is_told(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.say("workshop", "get_weather", class_="online", fresh="5m", touches="network")
        made.registry.call("workshop.get_weather", {"city": "Leeds"}, made.context())
        made.write(made.paths.agentrc.read_text().replace("[servers.workshop]", "[servers.workshop]\nenabled = false"))
        with pytest.raises(McpError, match="switched off"):
            made.registry.call("workshop.get_weather", {"city": "Leeds"}, made.context())


def test_what_becomes_of_an_old_answer_is_part_of_the_class() -> None:
    assert "past" not in table(SAID), "only what differs from the usual is written"
    flagged = changed(SAID, {"past": "flag"})
    assert flagged.past is Past.FLAG
    assert table(flagged)["past"] == "flag"
    assert changed(flagged, {"fresh": "2m"}).past is Past.FLAG
    assert not wrong_with(table(flagged))
    assert "flag" in wrong_with({**table(SAID), "past": "perhaps"})
    with pytest.raises(BadRequestError):
        changed(SAID, {"past": "perhaps"})
