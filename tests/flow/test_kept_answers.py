"""What a server's online tool answered is there without a network, and what could not be asked is asked later: the
conversation goes on with it, says how old it is, in four languages, and keeps to the bound."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import build
from agent.loop.ports import Intended, Request, Way
from agent.paths import Paths
from agent.protocol import events
from agent.protocol.records import Call, CallStatus, Role
from agent.runtime import Runtime
from app.presenters.cards import card
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from sync.states import State
from tests.flow.chatting import CHOSEN, Chatty, do
from tests.flow.person import Carryon
from tests.flow.talking import Growing
from tests.unit.agent.mcp.profiles import workshop

RULES = 'schema = 1\n[tools]\n"workshop.*" = "allow"\n'
WEATHER = "workshop.get_weather"
LEEDS = Decision("called", 0.99, calls=(PointedCall(WEATHER, {"city": "Leeds"}),))
NOW = 1_795_700_000.0


@pytest.fixture
def now() -> list[float]:
    return [NOW]


@pytest.fixture
def done(tmp_path: Path) -> Path:
    return tmp_path / "done"


@pytest.fixture
def model() -> Growing:
    return Growing([])


@pytest.fixture
def runtime(paths: Paths, done: Path, model: Growing, now: list[float]) -> Iterator[Runtime]:
    paths.agentrc.write_text(RULES + workshop(DONE=str(done)))
    with build(paths, environ={}, starter=model, clock=lambda: now[0]) as runtime:
        declare(runtime)
        yield runtime


def declare(runtime: Runtime, **words: str) -> None:
    front = runtime.servers.front
    shown = front.refresh("workshop")
    said = {"class": "online", "fresh": "10m", "touches": "network", **words}
    front.accept(front.classes("workshop", {"get_weather": front.classing(shown, "get_weather", said)}))


def ask(runtime: Runtime, model: Scripted, conversation: str | None = None) -> events.TurnEnded:
    model._script.append(LEEDS)
    *_, last = runtime.turn(Request("weather in Leeds", conversation, cause="k"))
    assert isinstance(last, events.TurnEnded)
    return last


def calls(done: Path) -> int:
    return len(done.read_text().splitlines()) if done.exists() else 0


def test_the_answer_is_there_without_a_network_and_tells_its_age(
    runtime: Runtime, model: Growing, now: list[float], done: Path
) -> None:  # fmt: skip
    first = ask(runtime, model)
    assert first.label.data_from is None
    runtime.set_offline(True)
    now[0] += 300
    later = ask(runtime, model)
    assert "what workshop said 5 minutes ago" in later.message.text
    assert "Leeds" in later.message.text
    assert later.label.data_from == NOW * 1_000
    (call,) = later.message.calls
    assert (call.facts["cached"], call.facts["age_s"]) == (True, 300)
    assert "5 minutes ago" in card(call, None, 0).detail
    assert calls(done) == 1


def test_what_is_exported_says_it_too(runtime: Runtime, model: Growing, now: list[float], tmp_path: Path) -> None:
    place = ask(runtime, model).message.conversation_id
    runtime.set_offline(True)
    now[0] += 300
    ask(runtime, model, place)
    runtime.conversations.export(place, tmp_path / "thread.md")
    assert "data from 2026-11-26T" in (tmp_path / "thread.md").read_text()
    runtime.conversations.export(place, tmp_path / "thread.json")
    labels = [message["label"] for message in json.loads((tmp_path / "thread.json").read_text())["messages"]]
    assert [label["data_from"] for label in labels if label] == [None, NOW * 1_000]


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "Das hat workshop vor 5 Minuten geantwortet"), ("es", "respondió workshop hace 5 minutos"),
     ("fr", "Réponse de workshop d'il y a 5 minutes"), ("en", "what workshop said 5 minutes ago")],
)  # fmt: skip
def test_in_four_languages(runtime: Runtime, model: Growing, now: list[float], language: str, said: str) -> None:
    runtime.change_settings({"language": language})
    ask(runtime, model)
    runtime.set_offline(True)
    now[0] += 300
    assert said in ask(runtime, model).message.text


def test_what_could_not_be_asked_comes_into_the_conversation(runtime: Runtime, model: Growing, done: Path) -> None:
    runtime.set_offline(True)
    waited = ask(runtime, model)
    assert "I have no answer to workshop.get_weather. I will ask when you are online." in waited.message.text
    (item,) = runtime.outbox.list()
    assert (item.state, item.destination) == (State.QUEUED, "ask:server.workshop")
    assert calls(done) == 0
    runtime.set_offline(False)
    (delivered,) = runtime.flush()
    assert delivered.state is State.DELIVERED, delivered.last_error
    assert (delivered.receipt or {})["text"] == "Fetched: what server workshop answered to workshop.get_weather"
    *_, ended = runtime.resume(item.id)
    assert isinstance(ended, events.TurnEnded)
    assert "Leeds" in ended.message.text
    assert ended.label.data_from == NOW * 1_000
    assert calls(done) == 1, "what was kept is not asked a second time"
    roles = [message.role for message in runtime.conversations.messages(waited.message.conversation_id)]
    assert roles == [Role.USER, Role.AGENT, Role.NOTICE, Role.AGENT]
    assert not list(runtime.resume()), "once"


def test_what_a_yes_was_given_to_without_a_network_comes_too(
    runtime: Runtime, model: Growing, done: Path
) -> None:  # fmt: skip
    runtime.change_settings({'tools."workshop.*"': "ask"})
    runtime.set_offline(True)
    waited = ask(runtime, model)
    (call,) = waited.message.calls
    assert call.status is CallStatus.PROPOSED
    settled = runtime.decide_proposal(call, accept=True)
    assert settled.status is CallStatus.QUEUED
    assert settled.outbox_id
    runtime.set_offline(False)
    runtime.flush()
    *_, ended = runtime.resume()
    assert isinstance(ended, events.TurnEnded)
    assert "Leeds" in ended.message.text
    assert calls(done) == 1


YORK = Decision("called", 0.99, calls=(PointedCall(WEATHER, {"city": "York"}),), follow="amend")


def waiting(runtime: Runtime, model: Growing) -> Call:
    """Asked for with a yes while there was no network; the network is back."""
    runtime.change_settings({'tools."workshop.*"': "ask"})
    runtime.set_offline(True)
    (call,) = ask(runtime, model).message.calls
    queued = runtime.decide_proposal(call, accept=True)
    assert queued.status is CallStatus.QUEUED
    runtime.set_offline(False)
    return queued


def test_a_change_of_what_waits_asks_as_the_rule_says(runtime: Runtime, model: Growing, done: Path) -> None:
    queued = waiting(runtime, model)
    model._script.append(YORK)
    place = runtime.conversations.asked(queued.turn_id).conversation_id
    *_, ended = runtime.turn(Request("make that York", place))
    assert isinstance(ended, events.TurnEnded)
    (call,) = ended.message.calls
    assert (call.status, calls(done)) == (CallStatus.PROPOSED, 0)
    assert runtime.outbox.get(str(queued.outbox_id)).state is State.CANCELLED
    assert runtime.decide_proposal(call, accept=True).status is CallStatus.DONE
    assert calls(done) == 1


@pytest.mark.parametrize("delivered", [False, True])
def test_nor_after_strangers_words_or_delivery_without_a_yes(
    runtime: Runtime, model: Growing, done: Path, delivered: bool
) -> None:  # fmt: skip
    queued = waiting(runtime, model)
    before = 0
    if delivered:
        runtime.flush()
        before = 1
    runtime.change_settings({'tools."workshop.*"': "allow"})
    changed = Intended(
        WEATHER, {"city": "York"}, way=Way.AMEND, earlier=queued, read_before=("the page example.org",), unsaid=True
    )
    deed = runtime.ports.hands.act(
        queued.turn_id,
        runtime.conversations.asked(queued.turn_id).conversation_id,
        changed,
        Request("go", approve=True),
    )
    assert (deed.call.status, calls(done)) == (CallStatus.PROPOSED, before)


def test_what_comes_to_nothing_leaves_the_waiting_one(runtime: Runtime, model: Growing) -> None:
    queued = waiting(runtime, model)
    runtime.change_settings({'tools."workshop.*"': "allow"})
    changed = Intended(WEATHER, {}, way=Way.AMEND, earlier=queued)  # it lacks the city
    place = runtime.conversations.asked(queued.turn_id).conversation_id
    deed = runtime.ports.hands.act(queued.turn_id, place, changed, Request("go"))
    assert deed.call.status is CallStatus.FAILED
    assert runtime.outbox.get(str(queued.outbox_id)).state is State.QUEUED


def test_what_the_user_never_wrote_is_asked_for_in_a_change_too(runtime: Runtime) -> None:
    *_, ended = runtime.turn(Request("hello"))
    assert isinstance(ended, events.TurnEnded)
    earlier = Call("c0", ended.turn_id, "note.create", {}, CallStatus.DONE)
    address = {"url": "http://127.0.0.1:9/x"}
    changed = Intended("web.fetch", address, way=Way.AMEND, earlier=earlier, unsaid=True)
    deed = runtime.ports.hands.act(ended.turn_id, ended.message.conversation_id, changed, Request("go"))
    assert deed.call.status is CallStatus.PROPOSED


def test_too_old_is_asked_again_later_or_flagged(
    runtime: Runtime, model: Growing, now: list[float]
) -> None:  # fmt: skip
    ask(runtime, model)
    runtime.set_offline(True)
    now[0] += 3_600
    refused = ask(runtime, model)
    assert "is 1 hour old, too old to rely on" in refused.message.text
    assert '"Leeds"' not in refused.message.text
    runtime.outbox.cancel(runtime.outbox.list()[0].id)
    declare(runtime, past="flag")
    assert 'past = "flag"' in runtime.paths.agentrc.read_text()
    flagged = ask(runtime, model)
    assert "That is old; it may have changed." in flagged.message.text
    assert '"Leeds"' in flagged.message.text


def test_another_account_of_the_server_gets_its_own_answers(runtime: Runtime, model: Growing) -> None:
    ask(runtime, model)
    text = runtime.paths.agentrc.read_text().replace("[servers.workshop.env]", '[servers.workshop.env]\nACCOUNT = "b"')
    runtime.paths.agentrc.write_text(text)
    runtime.agentrc.reload()
    declare(runtime)
    runtime.set_offline(True)
    assert ask(runtime, model).message.calls[0].status is CallStatus.QUEUED


def test_erasing_everything_erases_what_was_kept(runtime: Runtime, model: Growing) -> None:
    ask(runtime, model)
    assert list(runtime.paths.cache.rglob("results/*.json"))
    assert list(runtime.paths.data.rglob("listings/*.json"))
    runtime.erase_everything()
    assert not list(runtime.paths.cache.rglob("results/*.json"))
    assert not (runtime.paths.data / "servers").exists()
    assert not runtime.registry.has(WEATHER)


def test_a_server_that_is_removed_takes_its_answers_along(runtime: Runtime, model: Growing) -> None:
    ask(runtime, model)
    front = runtime.servers.front
    front.remove("workshop", front.removal("workshop"))
    assert not list(runtime.paths.cache.rglob("results/*.json"))


def test_a_reset_lets_it_be(runtime: Runtime, model: Growing) -> None:
    """It is no copy of the thread: what was said in it stands nowhere in what was answered."""
    place = ask(runtime, model).message.conversation_id
    runtime.conversations.reset(place)
    assert list(runtime.paths.cache.rglob("results/*.json"))


def test_a_chat_model_is_told_the_age_before_the_words(paths: Paths, done: Path, now: list[float]) -> None:
    paths.agentrc.write_text(CHOSEN + '[tools]\n"*" = "allow"\n' + workshop(DONE=str(done)))
    calling = [do("workshop_get_weather", city="Leeds")]
    model = Chatty([calling, ["Sunny."], calling, ["Sunny, it was."]])
    with build(paths, environ={}, open_model=lambda _name: model, clock=lambda: now[0]) as runtime:
        declare(runtime)
        list(runtime.turn(Request("weather in Leeds", cause="k")))
        runtime.set_offline(True)
        now[0] += 120
        *_, ended = runtime.turn(Request("and the weather in Leeds now", cause="k"))
        assert isinstance(ended, events.TurnEnded)
        assert ended.label.data_from == NOW * 1_000
        told = model.requests[-1].messages[-1].text
        head, _, _ = told.partition("<<<")
        assert '"its age in seconds": 120' in head


def test_the_terminal_says_from_when(carryon: Carryon, agentrc: Path) -> None:
    found = carryon("ask", "remind me to call Ivo", "--json").document
    assert found["data_from"] is None
    assert json.dumps(found)
