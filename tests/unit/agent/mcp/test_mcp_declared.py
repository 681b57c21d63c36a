"""From the settings to tools that can be used: asked once, kept on disk, looked at by the user, called."""

import json
import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import CarryonError
from agent.mcp.declaring.classes import CHANGED, CHANGED_SINCE, CONTRADICTION, UNDECLARED
from agent.mcp.declaring.naming import names
from agent.mcp.errors import CallCancelledError, McpError, OfflineError, ServerMissingError, ToolChangedError
from agent.session.server_views import view
from agent.tools.context import unwritten
from agent.tools.errors import MayHaveHappenedError, ToolArgumentBad, ToolRefusedError
from agent.tools.results import Deferred, Done
from agent.tools.spec import Kind
from app.cli.server_printing import record, told
from tests.unit.agent.mcp.profiles import Profile, profile, workshop

ROOT = Path(__file__).parents[4]
NAMES = ("add_numbers", "get_weather", "greet", "pack", "publish", "resources_read")


def facts(made: Profile, tool: str, args: dict[str, object]) -> list[object]:
    result = made.registry.call(tool, args, made.context())
    assert isinstance(result, Done)
    assert result.facts["source"] == "server workshop"
    found: list[object] = json.loads(result.facts["text"])
    return found


def test_a_tool_nobody_said_anything_about_cannot_be_used(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        assert "carryon servers refresh workshop" in made.front.shown("workshop").trouble
        shown = made.front.refresh("workshop")
        assert shown.trouble == ""
        assert {one.why for one in shown.standings} == {UNDECLARED}
        assert made.tools("workshop") == set()
        made.say("workshop", "add_numbers", class_="local", touches="nothing")
        assert made.tools("workshop") == {"workshop.add_numbers"}
        assert facts(made, "workshop.add_numbers", {"a": "1", "b": 2}) == ["add_numbers", {"a": 1, "b": 2}]


def test_values_reach_the_server_as_json_of_the_declared_types(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.say("workshop", "pack", class_="local", touches="nothing")
        said = {"parcel": '{"weight": 2.5, "tags": ["a", "b"]}', "size": "LARGE", "fragile": "yes", "note": "none yet",
                "copies": "1, 2"}  # fmt: skip
        wanted = {"parcel": {"weight": 2.5, "tags": ["a", "b"]}, "size": "large", "fragile": True, "note": "none yet",
                  "copies": [1, 2]}  # fmt: skip
        assert facts(made, "workshop.pack", said) == ["pack", wanted], "as the starter copies them"
        assert facts(made, "workshop.pack", wanted) == ["pack", wanted], "as a chat model writes them"
        with pytest.raises(ToolArgumentBad, match="weight"):
            made.registry.call("workshop.pack", {"parcel": {"tags": []}}, made.context())


def test_a_start_knows_all_tools_without_starting_a_server_or_importing_its_library(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        assert len(made.tools("workshop")) == 6
    looking = f"""
import json, sys
started = []
sys.addaudithook(lambda name, args: started.append(name) if name in ("subprocess.Popen", "os.posix_spawn") else None)
from pathlib import Path
from app.cli.server_printing import record, told
from tests.unit.agent.mcp.profiles import Profile
made = Profile(Path({str(tmp_path)!r}))
made.servers.attach(made.registry)
libraries = ("mcp", "mcp_types", "jsonschema", "httpx", "anyio", "keyring", "pydantic")
heavy = [name for name in libraries if name in sys.modules]
print(json.dumps([sorted(made.tools("workshop")), started, heavy]))
"""
    done = subprocess.run([sys.executable, "-c", looking], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    tools, started, heavy = json.loads(done.stdout)
    assert tools == [f"workshop.{name}" for name in NAMES]
    assert (started, heavy) == ([], [])


def test_without_servers_nothing_of_their_machinery_is_imported(tmp_path: Path) -> None:
    looking = f"""
import sys
from pathlib import Path
from agent.compose import build
from agent.paths import Paths
with build(Paths.of({{"CARRYON_HOME": {str(tmp_path)!r}, "AGENTRC": {str(tmp_path / "rc")!r}}}), environ={{}}):
    print([name for name in sys.modules if name.startswith("agent.mcp")])
"""
    done = subprocess.run([sys.executable, "-c", looking], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_declaration_that_changed_must_be_looked_at_again(tmp_path: Path) -> None:
    words = tmp_path / "words"
    with profile(tmp_path, workshop(WORDS=str(words), DONE=str(tmp_path / "done"))) as made:
        made.front.refresh("workshop")
        made.say("workshop", "publish", class_="local")
        facts(made, "workshop.publish", {"text": "a"})
    words.write_text("Publishes, and sends your files along.")
    with profile(tmp_path, made.paths.agentrc.read_text()) as again:
        assert again.tools("workshop") == {"workshop.publish"}, "from the disk: nobody has asked it since"
        with pytest.raises(ToolChangedError):
            again.registry.call("workshop.publish", {"text": "b"}, again.context())
        (found,) = [one for one in again.front.shown("workshop").standings if one.tool.name == "publish"]
        assert found.why == CHANGED_SINCE.format(server="workshop"), "shown so before anybody asks it again"
        assert again.tools("workshop") == set()
        again.say("workshop", "publish", class_="local")
        assert again.tools("workshop") == set(), "what it says now has to be seen first"
        shown = again.front.refresh("workshop")
        assert [one.why for one in shown.standings if one.tool.name == "publish"] == [CHANGED]
        assert again.tools("workshop") == set()
        again.accept("workshop")
        assert "workshop.publish" in again.tools("workshop")
    assert (tmp_path / "done").read_text().count("\n") == 1, "it was not called with the new declaration"


def test_what_may_be_delivered_later_never_runs_here(tmp_path: Path) -> None:
    done = tmp_path / "done"
    with profile(tmp_path, workshop(DONE=str(done))) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        made.front.lines.hang_up("workshop")
        result = made.registry.call("workshop.publish", {"text": "the contract is signed"}, made.context(offline=True))
        assert isinstance(result, Deferred)
        intent = result.intent
        assert (intent.destination, intent.tool) == ("mcp:workshop", "workshop.publish")
        assert intent.payload["tool"] == "publish"
        assert intent.payload["args"] == {"text": "the contract is signed"}
        assert len(intent.payload["digest"]) == 64
        assert intent.sentence == "publish on the server workshop: text the contract is signed"
        assert made.front.lines.started() == ()
        assert not done.exists()
        transport = made.servers.transport("workshop")
        assert (transport.mode, transport.loopback) == ("none", False)


def test_an_online_tool_of_which_nothing_is_kept_says_that_it_needs_the_network(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.say("workshop", "get_weather", class_="online", touches="network", fresh="0s")
        with pytest.raises(ToolRefusedError, match="needs the network"):
            made.registry.call("workshop.get_weather", {"city": "Leeds"}, made.context(offline=True))
        assert facts(made, "workshop.get_weather", {"city": "Leeds"}) == ["get_weather", {"city": "Leeds"}]


def test_the_registry_follows_the_settings(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        facts(made, "workshop.add_numbers", {"a": 1, "b": 1})
        (running,) = made.front.lines.started()
        made.say("workshop", "add_numbers", touches="nothing")
        assert made.front.lines.started() == (running,), "another word about a tool stops no server"
        made.rc.change({"servers.workshop.enabled": False})
        assert made.servers.keep_up()
        assert made.tools("workshop") == set()
        assert made.front.lines.started() == ()
        assert "switched off" in made.front.shown("workshop").trouble
        with pytest.raises(McpError, match="switched off"):
            made.front.fetch("workshop")
        made.rc.change({"servers.workshop.enabled": None})
        made.servers.keep_up()
        assert "workshop.pack" in made.tools("workshop")
        made.front.remove("workshop", made.front.removal("workshop"))
        assert not list((made.paths.data / "servers" / "listings").iterdir())
        assert made.tools("workshop") == set()
        assert made.paths.agentrc.read_text().strip() == ""
        assert not made.servers.keep_up()


def test_one_tool_with_a_broken_schema_harms_none_of_the_others(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        file = made.paths.data / "servers" / "listings" / "workshop.json"
        plain = json.loads(file.read_text())
        (pack,) = [tool for tool in plain["tools"] if tool["name"] == "pack"]
        pack["schema"] = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/x"}}}
        file.write_text(json.dumps(plain))
        shown = made.front.shown("workshop")
        assert [one.why for one in shown.standings if one.tool.name == "pack"] == [CHANGED]
        made.accept("workshop")
        shown = made.front.shown("workshop")
        assert "outside" in shown.left_out["workshop.pack"]
        assert made.tools("workshop") == {f"workshop.{name}" for name in NAMES if name != "pack"}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"form": 1}', '{"form": 99}', "\xff", '{"form": 1, "by": "x"}'])
def test_a_listing_that_cannot_be_relied_on_counts_as_absent(tmp_path: Path, damage: str) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        file = made.paths.data / "servers" / "listings" / "workshop.json"
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.write_text(damage, "latin-1")
        assert made.tools("workshop")
        assert "refresh" in made.front.shown("workshop").trouble
        assert made.tools("workshop") == set()


def test_a_listing_of_another_command_does_not_count(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        made.rc.change({"servers.workshop.command": [sys.executable, "-c", "print(1)"]})
        made.servers.keep_up()
        assert made.tools("workshop") == set()


def test_a_server_elsewhere_has_no_local_tools(tmp_path: Path) -> None:
    """Whatever the user wrote down."""
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.say("workshop", "add_numbers", class_="local")
        said = made.paths.agentrc.read_text().split("[servers.workshop.tools]")[1]
        (listing,) = [made.front.shown("workshop").listing]
        made.write(f'[servers.workshop]\nurl = "https://workshop.example/mcp"\n[servers.workshop.tools]{said}')
        assert listing is not None
        made.front.keep("workshop", listing)
        assert {one.why for one in made.front.shown("workshop").standings} == {CONTRADICTION, UNDECLARED}


def test_what_would_be_fetched_at_each_start_is_named_with_what_to_do(tmp_path: Path) -> None:
    with profile(tmp_path, '[servers.git]\ncommand = ["uvx", "mcp-server-git"]\n', online=False) as made:
        assert "carryon servers update git" in made.front.shown("git").trouble
        with pytest.raises(OfflineError, match="fetched once"):
            made.front.refresh("git")
        with pytest.raises(ServerMissingError, match="not installed"):
            made.front.fetch("git")


def test_resources_and_prompts_are_read(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        listing = made.front.refresh("workshop").listing
        assert listing is not None
        assert [one.uri for one in listing.resources] == ["shelf://plans"]
        assert listing.prompts[0].arguments == (("what", "", True),)
        assert made.front.read("workshop", "shelf://plans").text == "two screws, one plank"
        made.say("workshop", "resources/read", class_="deferrable")
        assert made.tools("workshop") == set(), "what is read is wanted now"
        made.say("workshop", "resources/read", class_="local")
        card = made.registry.get("workshop.resources_read")
        assert "shelf://plans (plans)" in card.about
        result = made.registry.call(card.name, {"uri": "shelf://plans"}, made.context())
        assert isinstance(result, Done)
        assert (result.facts["text"], result.facts["source"]) == ("two screws, one plank", "server workshop")
        (passage,) = made.front.prompt("workshop", "build", {"what": "a shelf"})
        assert passage.outcome.text == "Build a shelf"


def test_cards_tell_kinds_and_keep_the_schema(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        card = made.registry.get("workshop.add_numbers")
        assert [(one.name, one.kind, one.required) for one in card.params] == [
            ("a", Kind.NUMBER, True), ("b", Kind.NUMBER, True),
        ]  # fmt: skip
        assert card.schema is not None
        assert card.schema["properties"]["a"] == {"type": "integer"}
        assert card.is_outside, "a server's tool is asked about first, until the user says that it touches nothing"
        assert made.rc.settings.tool_rule(card.name, outside=card.is_outside) == "ask"
        made.say("workshop", "add_numbers", touches="nothing")
        card = made.registry.get("workshop.add_numbers")
        assert made.rc.settings.tool_rule(card.name, outside=card.is_outside) == "allow"
        made.rc.change({'tools."workshop.*"': "deny"})
        assert made.rc.settings.tool_rule(card.name, outside=card.is_outside) == "deny"


def test_names_are_folded_told_apart_and_stay() -> None:
    tools = ["git_status", "git-status", "status", "Read File", "read-file", "日本", "x" * 200]
    found = names("git", tools)
    assert found == names("git", reversed(tools))
    assert len(set(found.values())) == len(tools)
    assert names("git", ["git_status", "git_log"]) == {"git_log": "git.log", "git_status": "git.status"}
    assert "git.status" not in found.values(), "a rule for it was written when there was one tool of that name"
    assert found["status"].startswith("git.status_")
    assert all(len(name) <= 70 and name.isascii() for name in found.values())


def test_a_question_is_put_only_while_the_user_waits(tmp_path: Path) -> None:
    with profile(tmp_path, workshop()) as made:
        made.front.refresh("workshop")
        made.say("workshop", "greet", class_="local")
        assert facts(made, "workshop.greet", {}) == ["greet", {"answer": "decline", "name": ""}], "nobody is there"
        made.servers.ask = lambda question: {"name": f"Dana, asked {question.text!r} by {question.server}"}
        (_, said) = facts(made, "workshop.greet", {})
        assert said == {"answer": "accept", "name": "Dana, asked 'Who are you?' by workshop"}
        outcome = made.front.lines.to("workshop").call("greet", {})
        assert json.loads(outcome.text)[1]["answer"] == "decline", "what is delivered asks nobody"


HOSTILE = Path(__file__).parents[3] / "mcp_servers" / "hostile.py"


def test_a_stop_takes_back_the_call_that_goes_on(tmp_path: Path) -> None:
    with profile(tmp_path, f'[servers.hostile]\ncommand = ["{sys.executable}", "{HOSTILE}", "good"]\n') as made:
        made.front.refresh("hostile")
        made.say("hostile", "hang", class_="local")
        failures: list[Exception] = []
        begun = threading.Event()
        calling = threading.Thread(target=_call, args=(made, begun, failures))
        calling.start()
        assert begun.wait(20)
        made.servers.stop()
        calling.join(20)
        assert [type(one) for one in failures] == [MayHaveHappenedError], "it had been asked before that"
        assert isinstance(failures[0].__cause__, CallCancelledError)


def _call(made: Profile, begun: threading.Event, failures: list[Exception]) -> None:
    try:
        made.registry.call("hostile.hang", {}, replace(made.context(), begin=begun.set))
    except CarryonError as error:
        failures.append(error)


def test_what_is_not_written_down_first_is_not_done(tmp_path: Path) -> None:
    done = tmp_path / "done"
    with profile(tmp_path, workshop(DONE=str(done))) as made:
        made.front.refresh("workshop")
        made.accept("workshop")
        spec = made.registry.get("workshop.pack")
        assert spec.acts_here
        with pytest.raises(ToolRefusedError, match="only where it is asked for in a conversation"):
            made.registry.call("workshop.pack", {"parcel": '{"weight": 2}'}, replace(made.context(), begin=unwritten))
        assert not done.exists()


def test_of_a_sloppy_server_what_is_sound_is_used_and_the_rest_is_shown(tmp_path: Path) -> None:
    program = Path(__file__).parents[3] / "mcp_servers" / "hostile.py"
    table = f'[servers.sloppy]\ncommand = ["{sys.executable}", "{program}", "sloppy"]\ntimeout = "10s"\n'
    with profile(tmp_path, table) as made:
        made.front.refresh("sloppy")
        made.accept("sloppy")
        assert {"sloppy.act", "sloppy.keep_word"} <= made.tools("sloppy")
        result = made.registry.call("sloppy.keep_word", {}, made.context())
        assert isinstance(result, Done)
        kept = made.front.roster.shelf.find(made.front.roster.server("sloppy"))
        assert kept is not None
        assert "hang" in {one.name for one in kept.refused}
        shown = made.front.shown("sloppy")
        why = "Its declaration lacks “inputSchema”, which the protocol wants."
        assert f"  tool freeze is left out: {why}" in told(shown)
        assert {"kind": "prompt", "name": "greedy"}.items() <= record(shown)["refused"][-2].items()
        seen = view(shown, made.front)
        assert {("resource", "nowhere"), ("tool", "flood")} <= {(one.kind, one.name) for one in seen.refused}
