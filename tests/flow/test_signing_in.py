"""A server that wants a sign-in, from the first call to the effect: with a chat model, through the outbox, from the
terminal."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agent.paths import Paths
from agent.protocol.records import CallStatus
from agent.runtime import Runtime
from sync.states import State
from sync.transports.outcomes import NotConfiguredError
from tests.flow.chatting import SETTINGS, Chat, Chatty, chat_with, do
from tests.flow.conftest import ROOT
from tests.flow.person import Carryon
from tests.mcp_servers.guarded import Guarded
from tests.unit.agent.mcp.signing import Person

BACKEND = "tests.flow.filed_keyring.Filed"


@pytest.fixture
def server() -> Iterator[Guarded]:
    with Guarded() as made:
        yield made


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring, for this process and its children."""
    import keyring

    from tests.flow.filed_keyring import Filed

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", BACKEND)
    before = keyring.get_keyring()
    keyring.set_keyring(Filed())
    yield home / "keyring.json"
    keyring.set_keyring(before)


def declared(server: Guarded) -> str:
    return f'[servers.guarded]\nurl = "{server.url}"\ntimeout = "10s"\n'


@pytest.fixture
def chat(paths: Paths, server: Guarded, kept: Path) -> Iterator[Chat]:
    with chat_with(paths, Chatty(), SETTINGS + declared(server)) as made:
        sign_in(made.runtime)
        front = made.runtime.servers.front
        shown = front.refresh("guarded")
        said = {"publish": {"class": "deferrable"}, "add": {"class": "online", "fresh": "1h", "past": "flag"}}
        front.accept(
            front.classes("guarded", {tool: front.classing(shown, tool, words) for tool, words in said.items()})
        )
        made.runtime.connectivity.switch(offline=False)
        made.runtime.connectivity.hint(True)
        yield made


def sign_in(runtime: Runtime) -> None:
    runtime.servers.front.sign_in("guarded", Person().show)


def ends(server: Guarded) -> None:
    """All that was given."""
    server.service.access.clear()
    server.service.refresh.clear()


def test_an_item_waits_for_the_sign_in_and_then_goes_on(chat: Chat, server: Guarded) -> None:
    turn = chat.say("publish", [do("guarded_publish", text="the contract is signed")], ["It waits."])
    (call,) = turn.calls
    assert call.outbox_id is not None
    chat.runtime.outbox.approve(call.outbox_id)
    ends(server)
    chat.runtime.flush()
    asked = len(server.seen)
    for _ in range(5):
        chat.runtime.flush()
    item = chat.runtime.outbox.get(call.outbox_id)
    assert (item.state, item.attempts, server.effects) == (State.QUEUED, 1, [])
    assert "wants you to sign in" in (item.last_error or "")
    assert len(server.seen) == asked, "it is held, not tried again and again"
    with pytest.raises(NotConfiguredError, match="wants you to sign in"):  # as a question that waits is
        chat.runtime.servers.question("guarded")
    sign_in(chat.runtime)
    chat.runtime.flush()
    item = chat.runtime.outbox.get(call.outbox_id)
    assert (item.state, server.effects) == (State.DELIVERED, ["the contract is signed"]), item.last_error


def test_an_online_tool_says_plainly_that_it_needs_a_sign_in(chat: Chat, server: Guarded) -> None:
    chat.runtime.change_settings({'tools."guarded.add"': "allow"})
    turn = chat.say("add", [do("guarded_add", one=1, other=2)], ["Three."])
    assert [call.status for call in turn.calls] == [CallStatus.DONE]
    ends(server)
    wanted: list[tuple[str, bool]] = []
    chat.runtime.servers.sign_in_changed = lambda name, waited_for: wanted.append((name, waited_for))
    turn = chat.say("add again", [do("guarded_add", one=1, other=2)], ["It wants a sign-in."])
    call = chat.runtime.decide_proposal(turn.calls[0], accept=True)  # it read a stranger's words before
    assert call.status is not CallStatus.DONE, "an answer that was kept is not given for it"
    assert "The server guarded wants you to sign in; nothing was done." in call.result
    assert "may have happened" not in call.result
    assert ("guarded", True) in wanted
    assert call.outbox_id is None
    assert call.facts["sign_in"] == "guarded", "its card says where"


def test_from_the_terminal(
    carryon: Carryon, agentrc: Path, server: Guarded, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agentrc.write_text(agentrc.read_text() + declared(server))
    said = carryon("servers", "refresh", "guarded", code=2).err
    assert "wants you to sign in" in said
    assert "carryon servers sign-in guarded" in said
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "servers", "sign-in", "guarded", "--json"], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    told = [process.stderr.readline(), process.stderr.readline()]
    assert f"at {server.base.removeprefix('http://')}." in told[0]
    with httpx.Client(follow_redirects=True, trust_env=False) as browser:
        browser.get(told[1].strip())
    out, _ = process.communicate(timeout=60)
    assert json.loads(out) == {"name": "guarded", "signed_in": True}
    assert len(carryon("servers", "refresh", "guarded", "--json").document["waiting"]) == 2
    (token,) = server.service.access
    files = [path.read_bytes() for path in kept.parent.rglob("*") if path.is_file() and path != kept]
    assert not any(token[:40].encode() in text for text in files), "the keyring alone holds it"
    carryon("servers", "sign-out", "guarded")
    assert json.loads(kept.read_text()) == {}
    carryon("servers", "refresh", "guarded", code=2)
