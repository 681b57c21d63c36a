"""The suite itself: a part of it passes with and without a network, and what needs one where it should not is found."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.offline import netns

ROOT = Path(__file__).parents[2]
PLANTED = """
[[case]]
id = "planted"
stratum = "kept here"
about = "Said to be done here, and the tool needs the network."
quick = true
[[case.step]]
run = ["ask", "fetch {pages}/hours"]
want = { "calls.0.tool" = "web.fetch", "calls.0.status" = "done" }

[[case]]
id = "sum"
stratum = "reckoned"
about = "A sum."
quick = true
[[case.step]]
run = ["ask", "what is 12 * 7"]
want = { "calls.0.result" = { has = "84" } }
"""
CLOCK_THAT_ASKS_A_SERVER = """
import socket
import agent.tools.clock as clock

tell = clock.tell

def asks(args, context):
    socket.create_connection(("127.0.0.1", {port}), 5).close()
    return tell(args, context)

clock.tell = asks
"""
CLOCK = """
[[case]]
id = "clock"
stratum = "reckoned"
about = "The time."
quick = true
[[case.step]]
run = ["ask", "what time is it in Tokyo"]
want = { "calls.0.tool" = "clock.now", "calls.0.status" = "done" }
"""
ENTRIES = (["-m", "app.cli", "evals", "offline"], ["-m", "tests.evals", "--no-exam"])


def played(*words: str, code: int) -> Any:
    done = subprocess.run(
        [sys.executable, *words, "--quick", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == code, (done.stdout + done.stderr)[-3_000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("entry", ENTRIES, ids=["denied inside", "a network of its own"])
def test_what_works_with_a_network_works_without_one(entry: list[str], home: Path) -> None:
    out = home / "figures.json"
    told = played(*entry, "--out", str(out), code=0)
    assert told["verdict"] == "pass"
    assert told["missed"] == told["spoke"] == []
    assert {row["stratum"] for row in told["rows"]} >= {"kept here", "reckoned", "library", "waiting", "honesty"}
    assert all(row["offline"]["passed"] == row["offline"]["n"] > 0 for row in told["rows"])
    assert json.loads(out.read_text()) == told
    if "tests.evals" in entry and not netns.why_not():
        assert "namespace" in told["network"]


@pytest.mark.parametrize("entry", ENTRIES, ids=["denied inside", "a network of its own"])
def test_a_tool_that_needs_the_network_in_a_local_journey_turns_it_red(entry: list[str], home: Path) -> None:
    suite = home / "planted.toml"
    suite.write_text(PLANTED)
    told = played(*entry, "--cases", str(suite), "--out", str(home / "figures.json"), code=1)
    assert told["verdict"] == "regress"
    (finding,) = told["findings"]
    assert finding["stratum"] == "kept here"
    (missed,) = told["missed"]
    assert (missed["case"], missed["condition"]) == ("planted", "offline")


def test_a_local_tool_whose_code_asks_a_server_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is declared local and ignores that it is offline: with a network nobody would notice."""
    suite = home / "clock.toml"
    suite.write_text(CLOCK)
    with socket.create_server(("127.0.0.1", 0)) as server:
        planted = CLOCK_THAT_ASKS_A_SERVER.format(port=server.getsockname()[1])
        (home / "sitecustomize.py").write_text(planted)
        monkeypatch.setenv("PYTHONPATH", f"{home}{os.pathsep}{ROOT}")
        told = played(*ENTRIES[0], "--cases", str(suite), "--out", str(home / "figures.json"), code=1)
    (row,) = told["rows"]
    assert (row["online"]["passed"], row["offline"]["passed"]) == (1, 0)
    assert any("yet tried: socket." in reason and "127.0.0.1" in reason for reason in told["missed"][0]["why"])


@pytest.mark.parametrize("entry", ENTRIES, ids=["denied inside", "a network of its own"])
def test_a_suite_that_is_not_there_is_bad_input_and_no_verdict(entry: list[str], home: Path) -> None:
    told = played(*entry, "--cases", str(home / "gone.toml"), code=2)
    assert "gone.toml" in told["error"]["where"]
