"""Tools of the user's own: they come and go with the settings, and what leaves is what was said, in its place."""

from typing import Any

import pytest

from agent.tools.actions import declared
from agent.tools.connected import Connected
from agent.tools.errors import ToolArgumentBad, ToolRefusedError, ToolUnknownError
from agent.tools.registry import Registry
from agent.tools.results import Deferred, Done
from agent.tools.spec import Connectivity, Idempotency
from sync.intent import check
from tests.sim.receiving import Receiver

DEPLOY = """
[actions.deploy]
about = "Starts a deployment."
method = "POST"
url = "{url}/projects/{{{{project}}}}/run?id={{{{key}}}}"
json = '{{"ref": "{{{{branch}}}}", "times": "{{{{times}}}}", "note": "{{{{note}}}}"}}'
secret = "env:CI_TOKEN"
class = "deferrable"
fresh = "2h"
repeat = "key"
repeat_header = "X-Request-Id"
touches = ["network"]

[actions.deploy.headers]
X-Team = "web"

[actions.deploy.args]
project = "title: which project"
branch = "title: which branch"
times = "number?: how often"
note = "text?: a note for the log"

[actions.status]
about = "Asks how the build stands."
method = "GET"
url = "{url}/projects/{{{{project}}}}"
class = "online"
fresh = "1m"
repeat = "none"
touches = ["network"]
args = {{ project = "title" }}
"""


@pytest.fixture
def own(workshop: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CI_TOKEN", "s3cret")
    workshop.settings(DEPLOY.format(url=receiver.url))
    workshop.registry = Registry(more=Connected(lambda: workshop.context.settings))
    return workshop


@pytest.fixture
def receiver() -> Any:
    with Receiver() as running:
        yield running


def test_it_is_a_tool_like_any_other(own: Any) -> None:
    card = own.registry.get("action.deploy")
    assert card in own.registry.specs()
    assert (card.connectivity, card.idempotency, card.fresh_for_s) == (Connectivity.DEFERRABLE, Idempotency.KEY, 7_200)
    assert set(card.required) == {"project", "branch"}
    assert card.undeclared() == ()
    assert own.registry.get("action.status").connectivity is Connectivity.ONLINE


def test_it_goes_when_its_declaration_goes(own: Any) -> None:
    own.settings("")
    assert not own.registry.has("action.deploy")
    with pytest.raises(ToolUnknownError):
        own.call("action.deploy", {"project": "web", "branch": "main"})


def test_what_will_be_sent_stands_in_the_item_without_secrets(own: Any, receiver: Receiver) -> None:
    made = own.deferred("action.deploy", {"project": "web/../x", "branch": 'ma"in', "times": "2"})
    payload = dict(made.intent.payload)
    token = payload.pop("key_token")
    assert payload == {
        "method": "POST", "url": f"{receiver.url}/projects/web%2F..%2Fx/run?id={token}",
        "headers": {"X-Team": "web"}, "json": {"ref": 'ma"in', "times": 2},
    }  # fmt: skip
    assert made.intent.destination == "action:deploy"
    assert made.intent.expires_at == own.context.now_ms + 7_200_000
    assert made.intent.sentence.startswith(f"Starts a deployment. POST to 127.0.0.1:{receiver.port}: project: web")
    assert "s3cret" not in str(made)
    check(made.intent)


@pytest.mark.parametrize("args", [{"project": "..", "branch": "x"}, {"project": "x", "branch": "y", "times": "many"}])
def test_a_value_that_does_not_fit_its_place_is_told(own: Any, args: dict[str, str]) -> None:
    with pytest.raises(ToolArgumentBad):
        own.call("action.deploy", args)


def test_secrets_are_looked_up_when_it_leaves(own: Any) -> None:
    now = declared(own.context.settings.actions["deploy"])
    assert dict(now.secrets) == {"Authorization": "Bearer s3cret"}
    assert (now.mode, now.key_header) == ("key", "X-Request-Id")
    assert "s3cret" not in repr(now)


def test_a_question_is_asked_at_once_or_waits(own: Any, receiver: Receiver) -> None:
    receiver.listing = {"state": "green"}
    done = own.call("action.status", {"project": "web"})
    assert isinstance(done, Done)
    assert (done.facts["status"], done.facts["text"]) == (200, '{"state": "green"}')
    assert isinstance(own.call("action.status", {"project": "other"}, offline=True), Deferred)


def test_a_long_answer_is_cut_and_says_so(own: Any, receiver: Receiver) -> None:
    receiver.listing = b"x" * 30_000
    done = own.call("action.status", {"project": "web"})
    assert (len(done.facts["text"]), done.facts["cut"]) == (20_000, True)


def test_nobody_there_means_later(own: Any) -> None:
    own.settings(DEPLOY.format(url="http://127.0.0.1:1"))
    assert isinstance(own.call("action.status", {"project": "web"}), Deferred)


def test_an_action_that_went_meanwhile_is_told(own: Any) -> None:
    run = own.registry._function(own.registry.get("action.deploy"))
    own.settings("")
    with pytest.raises(ToolRefusedError, match="no action deploy any more"):
        run({"project": "web", "branch": "main"}, own.context)


def test_half_a_character_is_refused_before_anything_is_stored(own: Any) -> None:
    with pytest.raises(ToolArgumentBad, match="half of a character"):
        own.registry.check("action.deploy", {"project": "web\udcff", "branch": "main"})
