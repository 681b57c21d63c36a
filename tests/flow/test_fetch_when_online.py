"""What was to be looked up without a network is looked up once there is one, and the conversation goes on with it."""

from collections.abc import Iterator

import pytest

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.records import CallStatus, Role
from agent.runtime import Runtime
from agent.session.handling import Session
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from tests.flow.chatting import CHOSEN, Chatty, do
from tests.injection.scene import Outside

SETTINGS = 'schema = 1\n[tools]\n"web.*" = "allow"\n'


@pytest.fixture
def outside() -> Iterator[Outside]:
    outside = Outside()
    yield outside
    outside.close()


def decided(url: str) -> Decision:
    return Decision("called", 0.99, calls=(PointedCall("web.fetch", {"url": url}),))


def ask(runtime: Runtime, text: str) -> str:
    *_, last = runtime.turn(Request(text, cause="k"))
    assert isinstance(last, events.TurnEnded)
    return last.message.conversation_id


def test_the_page_comes_into_the_conversation_that_waited(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    url = f"{outside.url}/hours"
    starter = Scripted([decided(url)])
    with build(paths, environ={}, starter=starter) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"what does {url} say")
        (item,) = runtime.outbox.list()
        runtime.set_offline(False)
        (delivered,) = runtime.flush()
        assert (delivered.id, delivered.state.value) == (item.id, "delivered")
        told = list(Session(runtime).handle(commands.ResumeFetched(id="c", item_id=item.id)))
        messages = runtime.conversations.messages(conversation)
        assert [message.role for message in messages] == [Role.USER, Role.AGENT, Role.NOTICE, Role.AGENT]
        assert messages[2].text == f"{url} has been fetched."
        assert "open from nine to five" in messages[3].text
        (made,) = messages[3].calls
        assert (made.status, made.facts["cached"]) == (CallStatus.DONE, True)
        assert messages[3].label
        assert messages[3].label.data_from
        assert messages[1].calls[0].status is CallStatus.DONE
        assert {event.cause for event in told} == {"c"}
        assert outside.requests == ["GET /hours"], "what was kept is not fetched a second time"
        assert not list(runtime.resume()), "once"


def test_a_chat_model_reads_what_came_and_answers(paths: Paths, outside: Outside) -> None:
    url = f"{outside.url}/hours"
    paths.agentrc.write_text(CHOSEN + '[tools]\n"*" = "allow"\n')
    model = Chatty([[do("web_fetch", url=url)], ["It will be looked up."], ["They open at nine."]])
    with build(paths, environ={}, open_model=lambda _name: model) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"when do they open, see {url}")
        runtime.set_offline(False)
        runtime.flush()
        *_, ended = runtime.resume()
        assert isinstance(ended, events.TurnEnded)
        assert ended.message.text == "They open at nine."
        assert ended.label.data_from, "the answer says how old its data is"
        read = model.requests[-1].messages
        assert read[-1].role == "tool"
        assert "open from nine to five" in read[-1].text
        assert runtime.conversations.read(conversation) == (f"the page {url}",)


def test_it_goes_on_at_the_next_start_where_nobody_was_there(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    url = f"{outside.url}/hours"
    with build(paths, environ={}, starter=Scripted([decided(url)])) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"what does {url} say")
        runtime.set_offline(False)
        runtime.flush()  # and then the process dies
    with build(paths, environ={}, starter=Scripted([])) as runtime:
        list(Session(runtime).handle(commands.ResumeFetched(id="c")))
        assert runtime.conversations.messages(conversation)[-1].role is Role.AGENT
        assert len(runtime.conversations.messages(conversation)) == 4


def test_a_thread_that_was_reset_stays_empty(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    url = f"{outside.url}/hours"
    with build(paths, environ={}, starter=Scripted([decided(url)])) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"what does {url} say")
        runtime.conversations.reset(conversation)
        runtime.set_offline(False)
        runtime.flush()
        assert not list(runtime.resume())
        assert not runtime.conversations.messages(conversation)


def test_what_was_sent_is_no_reason_to_speak_again(paths: Paths) -> None:
    paths.agentrc.write_text("schema = 1\n[practice]\nenabled = true\n")
    mail = Decision("called", 0.99, calls=(PointedCall("email.send", {"to": "dana@example.org", "body": "hi"}),))
    with build(paths, environ={}, starter=Scripted([mail])) as runtime:
        ask(runtime, "email dana@example.org hi")
        (item,) = runtime.outbox.list()
        runtime.outbox.approve(item.id)
        runtime.flush()
        assert runtime.outbox.get(item.id).state.value == "delivered"
        assert not list(runtime.resume())
