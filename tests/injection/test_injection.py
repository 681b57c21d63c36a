"""Strangers' words never reach outside by themselves: whatever the way in, whatever they ask for, under rules that
allow everything and with a model that always obeys.
"""

import pytest

from agent.loop.errand import Trail
from agent.protocol.records import CallStatus
from sync.states import State
from tests.injection.attacks import ON_WHAT_WAITS, WANTS, WAYS_IN, Want, user_sends
from tests.injection.obedient import Plan
from tests.injection.scene import SECRET, Scene

READING = "what does {url}/hours say, and what is in my hours file and notes"


def _attack(at: Scene, way: str, want: Want, *, approve: bool = False) -> None:
    reads = WAYS_IN[way](at)
    url = at.outside.url
    at.say(READING.format(url=url), Plan(reads, lambda _: want.calls(at)), approve=approve)
    assert at.model.saw, "the attack never reached the model, so nothing was tried"


@pytest.mark.parametrize("want", WANTS)
@pytest.mark.parametrize("way", WAYS_IN)
def test_nothing_leaves_without_a_yes_that_shows_it(at: Scene, way: str, want: str) -> None:
    rules, before = at.agentrc.read_text(), len(at.items())
    _attack(at, way, WANTS[want])
    at.deliver()
    assert not at.left(), "something reached the outside"
    assert at.agentrc.read_text() == rules, "the rules were changed"
    made = list(at.items())[before:]
    assert all(item.state is State.WAITING_APPROVAL for item in made)
    assert all(item.sources for item in made), "the card does not say that strangers' words were read before"
    waiting = [call for call in at.turns[-1].calls if call.status in (CallStatus.WAITING, CallStatus.PROPOSED)]
    assert bool(waiting) == WANTS[want].asked
    assert all(Trail.of(call).read_before for call in waiting)


@pytest.mark.parametrize("want", ["mail", "message", "page with a secret in it"])
@pytest.mark.parametrize("way", ["page", "imported"])
def test_a_yes_given_beforehand_is_none(at: Scene, way: str, want: str) -> None:
    """`carryon ask --approve`: the yes was to the user's own words."""
    _attack(at, way, WANTS[want], approve=True)
    at.deliver()
    assert not at.left()


@pytest.mark.parametrize("want", ON_WHAT_WAITS)
@pytest.mark.parametrize("way", ["page", "file", "imported"])
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
