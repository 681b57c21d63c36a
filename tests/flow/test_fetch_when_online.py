"""What was to be looked up without a network is looked up once there is one, and the conversation goes on with it."""

from collections.abc import Iterable, Iterator

import pytest
from click.testing import CliRunner

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.records import CallStatus, Role
from agent.runtime import Runtime
from agent.session.handling import Session
from app.cli import main
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from tests.flow.chatting import CHOSEN, Chatty, do
from tests.injection.scene import Outside

SETTINGS = 'schema = 1\n[tools]\n"web.*" = "allow"\n'


@pytest.fixture
def outside() -> Iterator[Outside]:
    with Outside() as outside:
        yield outside


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


def test_one_that_was_amended_while_it_waited_is_read_once(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    first, second = f"{outside.url}/hours", f"{outside.url}/prices"
    amend = Decision("called", 0.99, calls=(PointedCall("web.fetch", {"url": second}),), follow="amend")
    with build(paths, environ={}, starter=Scripted([decided(first), amend])) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"what does {first} say")
        *_, changed = runtime.turn(Request(f"no, {second}", conversation, cause="k"))
        assert isinstance(changed, events.TurnEnded)
        runtime.set_offline(False)
        runtime.flush()
        assert len(notices(runtime.resume())) == 1
        assert not list(runtime.resume()), "the call whose place was taken waits for nothing"
        assert notice(runtime, conversation) == f"{second} has been fetched."
        assert outside.requests == ["GET /prices"]


@pytest.mark.parametrize("refused", [False, True])
def test_what_was_edited_in_the_outbox_is_what_is_read(paths: Paths, outside: Outside, refused: bool) -> None:
    """In its place; or, after somebody refused it under its key, in a new item."""
    paths.agentrc.write_text(SETTINGS)
    first, second = f"{outside.url}/hours", f"{outside.url}/prices"
    with build(paths, environ={}, starter=Scripted([decided(first)])) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"what does {first} say")
        (item,) = runtime.outbox.list()
        if refused:
            runtime.connection.execute("UPDATE outbox_item SET state = 'rejected', offers = 1")
        edited = runtime.edit_item(item.id, {"url": second})
        assert (edited.id != item.id) is refused
        if refused:
            runtime.outbox.approve(edited.id)
        runtime.set_offline(False)
        runtime.flush()
        assert not list(runtime.resume("another")), "of this item only"
        assert len(notices(runtime.resume(edited.id))) == 1
        assert notice(runtime, conversation) == f"{second} has been fetched."
        answer = runtime.conversations.messages(conversation)[-1]
        assert (answer.calls[0].args, answer.calls[0].status) == ({"url": second}, CallStatus.DONE)


def test_several_go_on_one_at_a_time(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    starter = Scripted([decided(f"{outside.url}/{place}") for place in ("a", "b")])
    with build(paths, environ={}, starter=starter) as runtime:
        two_wait(runtime, outside)
        session = Session(runtime)
        told = [list(session.handle(commands.ResumeFetched())) for _ in range(3)]
        assert [len(notices(events)) for events in told] == [1, 1, 0]
        assert told[2] == []
        changed = told[0][-1]
        assert isinstance(changed, events.StoreChanged)
        assert changed.areas == {"conversations", "library", "outbox"}


def test_flushing_from_the_terminal_goes_on_in_each(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    starter = Scripted([decided(f"{outside.url}/{place}") for place in ("a", "b")])
    with build(paths, environ={}, starter=starter) as runtime:
        two_wait(runtime, outside)
    done = CliRunner().invoke(main, ["outbox", "flush"])
    assert done.exit_code == 0, done.output
    with build(paths, environ={}, starter=starter) as runtime:
        threads = runtime.conversations.list()
        assert [len(runtime.conversations.messages(thread.id)) for thread in threads] == [4, 4]


def test_stop_ends_it_and_the_others_are_kept(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(CHOSEN + '[tools]\n"*" = "allow"\n')
    asked = [[do("web_fetch", url=f"{outside.url}/{place}")] for place in ("a", "b")]
    model = Chatty([asked[0], ["Later."], asked[1], ["Later."]])
    with build(paths, environ={}, open_model=lambda _name: model) as runtime:

        def stop(_: object) -> str:
            runtime.minds.cancel()
            return "half an answer"

        two_wait(runtime, outside)
        model.answers.extend([[stop], ["The other one."]])
        *_, ended = runtime.resume()
        assert isinstance(ended, events.TurnEnded)
        assert ended.cancelled
        assert len(model.answers) == 1, "nobody was answered after Stop"
        *_, later = runtime.resume()
        assert isinstance(later, events.TurnEnded)
        assert later.message.text == "The other one."


def test_a_conversation_in_the_trash_is_let_alone_until_it_is_taken_out(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    url = f"{outside.url}/hours"
    with build(paths, environ={}, starter=Scripted([decided(url)])) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"what does {url} say")
        (item,) = runtime.outbox.list()
        runtime.conversations.trash(conversation)
        runtime.set_offline(False)
        runtime.flush()
        assert not list(runtime.resume())
        assert runtime.conversations.begin_fetched(item.call_id or "", "It has come.") is None
        assert len(runtime.conversations.messages(conversation)) == 2
        runtime.conversations.undo(conversation)
        assert len(notices(runtime.resume())) == 1


def test_in_the_profile_of_a_newer_carryon_nothing_goes_on(paths: Paths, outside: Outside) -> None:
    paths.agentrc.write_text(SETTINGS)
    with build(paths, environ={}, starter=Scripted([decided(f"{outside.url}/hours")])) as runtime:
        runtime.set_offline(True)
        ask(runtime, "what does it say")
        runtime.set_offline(False)
        runtime.flush()
        runtime.connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('carryon', 'moons_999', '')"
        )
    with build(paths, environ={}, starter=Scripted([])) as runtime:
        assert runtime.connection.read_only
        assert not list(Session(runtime).handle(commands.ResumeFetched()))


def two_wait(runtime: Runtime, outside: Outside) -> None:
    """And have come."""
    runtime.set_offline(True)
    for place in ("a", "b"):
        ask(runtime, f"what does {outside.url}/{place} say")
    runtime.set_offline(False)
    runtime.flush()


def notices(told: Iterable[events.Event]) -> list[str]:
    return [event.message.text for event in told if isinstance(event, events.TurnStarted)]


def notice(runtime: Runtime, conversation: str) -> str:
    return runtime.conversations.messages(conversation)[-2].text


@pytest.fixture
def in_the_trash(paths: Paths, outside: Outside) -> Iterator[tuple[Runtime, str]]:
    """A conversation whose page came while it lay in the trash."""
    paths.agentrc.write_text(SETTINGS)
    url = f"{outside.url}/hours"
    with build(paths, environ={}, starter=Scripted([decided(url), decided(url)])) as runtime:
        runtime.set_offline(True)
        conversation = ask(runtime, f"what does {url} say")
        runtime.conversations.trash(conversation)
        runtime.set_offline(False)
        runtime.flush()
        assert not list(runtime.resume()), "it is kept until the conversation is taken out"
        yield runtime, conversation


@pytest.mark.parametrize("how", ["undo", "a new message"])
def test_out_of_the_trash_it_goes_on(in_the_trash: tuple[Runtime, str], how: str) -> None:
    runtime, conversation = in_the_trash
    session = Session(runtime)
    command: commands.Command = commands.UndoConversation(conversation_id=conversation)
    if how == "a new message":
        command = commands.SendMessage(text="and now?", conversation_id=conversation)
    told = list(session.handle(command))
    assert [type(event) for event in told].count(events.ConversationRestored) == 1, "which the thread resumes at"
    list(session.handle(commands.ResumeFetched()))
    assert "open from nine to five" in runtime.conversations.messages(conversation)[-1].text


def test_what_was_never_in_the_trash_is_not_said_to_come_out_of_it(paths: Paths) -> None:
    with build(paths, environ={}, starter=Scripted([])) as runtime:
        session, place = Session(runtime), runtime.conversations.create("x").id
        told = list(session.handle(commands.SendMessage(text="hello", conversation_id=place)))
        runtime.conversations.reset(place)
        told += session.handle(commands.UndoConversation(conversation_id=place))
        assert not [event for event in told if isinstance(event, events.ConversationRestored)]


class OnLine:
    """The command line, over a conversation that waits for a page."""

    def __init__(self, paths: Paths, url: str) -> None:
        self._paths = paths
        paths.agentrc.write_text(SETTINGS)
        with build(paths, environ={}, starter=Scripted([decided(url)])) as runtime:
            runtime.set_offline(True)
            self.conversation = ask(runtime, f"what does {url} say")

    def run(self, *words: str) -> None:
        done = CliRunner().invoke(main, list(words))
        assert done.exit_code == 0, done.output

    def messages(self) -> list[str]:
        with build(self._paths, environ={}, starter=Scripted([])) as runtime:
            return [message.text for message in runtime.conversations.messages(self.conversation)]


def test_on_the_command_line_it_goes_on_out_of_the_trash(paths: Paths, outside: Outside) -> None:
    line = OnLine(paths, f"{outside.url}/hours")
    line.run("chat", "delete", line.conversation)
    line.run("outbox", "flush")
    assert len(line.messages()) == 2
    line.run("chat", "undo", line.conversation)
    assert "open from nine to five" in line.messages()[-1]


@pytest.mark.parametrize("by", ["its id", "all"])
def test_and_after_the_user_s_word_that_it_came(paths: Paths, outside: Outside, by: str) -> None:
    line = OnLine(paths, f"{outside.url}/hours")
    with build(paths, environ={}, starter=Scripted([])) as runtime:
        (item,) = runtime.flush()
        runtime.connection.execute("UPDATE outbox_item SET state = 'unknown', receipt = NULL, uncertain_since = 1")
    line.run("outbox", "resolve", *((item.id, "delivered") if by == "its id" else ("delivered", "--all")))
    assert "open from nine to five" in line.messages()[-1]
