"""One message, several items, where a later one carries what an earlier one brings: the issue, then its link."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from agent.compose import build
from agent.loop.links import linked, token
from agent.loop.ports import Acted, Intended, Request
from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.records import Call, CallStatus
from agent.runtime import Runtime
from agent.session.handling import Session
from agent.tools.errors import ToolRefusedError
from models.contracts import ChatRequest, Decision, PointedCall
from models.scripted import Scripted
from sync.states import State
from tests.flow.chatting import CHOSEN, Chatty, Do, do
from tests.local_http import LocalHttp
from tests.unit.sync.items import an_item

SETTINGS = """[tools]
"*" = "allow"
"message.*" = "allow"
"issue.*" = "allow"
[channels.ops]
kind = "webhook"
url = "{url}/ops"
[trackers.web]
kind = "http"
url = "{url}/issues"
"""


class Office(LocalHttp):
    """A tracker that gives links, and a channel."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str]]] = []
        self.refuses = False
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                refused = office.refuses and self.path == "/issues"
                if not refused:
                    office.posts.append((self.path, body))
                answer = json.dumps({"id": 42, "url": f"{office.url}/issues/42"}).encode()
                self.send_response(422 if refused else 201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        super().__init__(Handler)


@pytest.fixture
def office() -> Iterator[Office]:
    with Office() as office:
        yield office


def ask(runtime: Runtime, text: str) -> list[Call]:
    told = list(runtime.turn(Request(text, cause="k")))
    return [event.call for event in told if isinstance(event, events.CallSettled)]


AN_ITEM = an_item()
ISSUE = PointedCall("issue.create", {"project": "web", "title": "login is broken"})
POST = PointedCall("message.post", {"channel": "ops", "text": "look at its link"})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("its link", "{}"), ("see the link to it please", "see {} please"), ("Link: den Link dazu", "Link: {}"),
        ("su enlace", "{}"), ("son lien", "{}"), ("a missing link", "a missing link"), ("linked", "linked"),
        ("the link", "{}"), (" The link. ", "{}"), ("den Link", "{}"), ("el enlace", "{}"), ("le lien", "{}"),
        ("see the link please", "see the link please"), ("update the address book", "update the address book"),
        ("its address", "its address"), ("suivez le lien", "suivez le lien"),
    ],
)  # fmt: skip
def test_ways_to_say_the_link(said: str, meant: str) -> None:
    issue = Call("3f2a91bc-0000-4000-8000-000000000000", "t", "issue.create", {}, CallStatus.QUEUED, outbox_id="i")
    made = linked(Intended("message.post", {"text": said}), [Acted(issue, AN_ITEM)])
    assert made.args["text"] == meant.format(token(issue))


@pytest.mark.parametrize("tool", ["task.add", "note.create", "web.fetch"])
def test_what_does_not_wait_in_the_outbox_keeps_its_words(tool: str) -> None:
    issue = Call("3f2a91bc-0000-4000-8000-000000000000", "t", "issue.create", {}, CallStatus.QUEUED, outbox_id="i")
    intended = Intended(tool, {"text": "check its link"})
    assert linked(intended, [Acted(issue, AN_ITEM)]) == intended


def test_the_starter_s_words_for_the_link_wait_for_it(paths: Paths, office: Office) -> None:
    paths.agentrc.write_text("schema = 1\n" + SETTINGS.format(url=office.url))
    with build(paths, environ={}, starter=Scripted([Decision("called", 0.99, calls=(ISSUE, POST))])) as runtime:
        issue, post = ask(runtime, "create an issue in web login is broken and tell ops look at its link")
        item = runtime.outbox.get(post.outbox_id or "")
        assert (item.state, item.waits_for) == (State.QUEUED, 1)
        assert token(issue) in item.payload["text"]
        runtime.flush()
        runtime.flush()
        assert [path for path, _ in office.posts] == ["/issues", "/ops"]
        assert office.posts[1][1]["text"] == f"look at {office.url}/issues/42"
        assert runtime.outbox.get(item.id).state is State.DELIVERED


def test_where_the_first_fails_the_second_is_held(paths: Paths, office: Office) -> None:
    paths.agentrc.write_text("schema = 1\n" + SETTINGS.format(url=office.url))
    office.refuses = True
    with build(paths, environ={}, starter=Scripted([Decision("called", 0.99, calls=(ISSUE, POST))])) as runtime:
        issue, post = ask(runtime, "create an issue in web login is broken and tell ops look at its link")
        runtime.flush()
        runtime.flush()
        assert runtime.outbox.get(issue.outbox_id or "").state is State.REJECTED
        held = runtime.outbox.get(post.outbox_id or "")
        assert (held.state, held.waits_for) == (State.QUEUED, 1)
        assert "refused" in (held.last_error or "")
        assert not office.posts
        office.refuses = False
        runtime.outbox.retry(issue.outbox_id or "")
        runtime.flush()
        runtime.flush()
        assert office.posts[-1][1]["text"] == f"look at {office.url}/issues/42"


@pytest.mark.parametrize("known", [True, False])
def test_the_user_s_word_that_the_first_arrived_lets_the_second_go_with_what_is_known(
    paths: Paths, office: Office, known: bool
) -> None:
    paths.agentrc.write_text("schema = 1\n" + SETTINGS.format(url=office.url))
    with build(paths, environ={}, starter=Scripted([Decision("called", 0.99, calls=(ISSUE, POST))])) as runtime:
        issue, post = ask(runtime, "create an issue in web login is broken and tell ops look at its link")
        runtime.connection.execute("UPDATE outbox_item SET state = 'unknown' WHERE id = ?", (issue.outbox_id,))
        said = {"url": "https://tracker.example/42"} if known else {}
        word = commands.ResolveItem(item_id=issue.outbox_id or "", verdict="delivered", receipt=said)
        told = [event.item for event in Session(runtime).handle(word) if isinstance(event, events.ItemChanged)]
        assert [item.id for item in told] == [issue.outbox_id, post.outbox_id]
        runtime.flush()
        if known:
            assert [body["text"] for _, body in office.posts] == ["look at https://tracker.example/42"]
        else:
            assert told[1].state is State.CONFLICT
            assert "brought no link" in (told[1].last_error or "")
            assert not office.posts


def test_a_chat_model_is_told_what_to_write_for_the_link(paths: Paths, office: Office) -> None:
    paths.agentrc.write_text(CHOSEN + SETTINGS.format(url=office.url))

    def post(request: ChatRequest) -> Do:
        told = json.loads(request.messages[-1].text)
        return do("message_post", channel="ops", text=f"Please see {told['write_this_for_its_link']}.")

    model = Chatty([[do("issue_create", project="web", title="login")], [post], ["Both are on their way."]])
    with build(paths, environ={}, open_model=lambda _name: model) as runtime:
        ask(runtime, "file it and tell ops")
        runtime.flush()
        runtime.flush()
        assert office.posts[1][1]["text"] == f"Please see {office.url}/issues/42."


def test_a_placeholder_that_stands_for_nothing_is_refused(paths: Paths, office: Office) -> None:
    paths.agentrc.write_text(CHOSEN + SETTINGS.format(url=office.url))
    model = Chatty([[do("message_post", channel="ops", text="see link-of-0123456ab")], ["Oh."]])
    with build(paths, environ={}, open_model=lambda _name: model) as runtime:
        (call,) = ask(runtime, "tell ops")
        assert call.status is CallStatus.FAILED
        assert "stands for nothing" in call.result
        assert not runtime.outbox.list()


def test_a_placeholder_in_what_stays_here_is_refused(paths: Paths, office: Office) -> None:
    paths.agentrc.write_text(CHOSEN + SETTINGS.format(url=office.url))

    def note(request: ChatRequest) -> Do:
        told = json.loads(request.messages[-1].text)
        return do("task_add", title=f"check {told['write_this_for_its_link']}")

    model = Chatty([[do("issue_create", project="web", title="login")], [note], ["Oh."]])
    with build(paths, environ={}, open_model=lambda _name: model) as runtime:
        _, task = ask(runtime, "file it and remind me to check")
        assert task.status is CallStatus.FAILED
        assert "stands for what is not there yet" in task.result
        assert not runtime.library.tasks()


def test_an_edit_brings_no_placeholder_that_the_item_does_not_wait_for(paths: Paths, office: Office) -> None:
    paths.agentrc.write_text("schema = 1\n" + SETTINGS.format(url=office.url))
    again = Decision("called", 0.99, calls=(PointedCall("message.post", {"channel": "ops", "text": "plain"}),))
    script = Scripted([Decision("called", 0.99, calls=(ISSUE, POST)), again])
    with build(paths, environ={}, starter=script) as runtime:
        issue, post = ask(runtime, "create an issue in web login is broken and tell ops look at its link")
        (plain,) = ask(runtime, "tell ops plain")
        with pytest.raises(ToolRefusedError, match="does not wait for"):
            runtime.edit_item(plain.outbox_id or "", {"text": f"see {token(issue)}"})
        assert runtime.outbox.get(plain.outbox_id or "").payload["text"] == "plain"
        edited = runtime.edit_item(post.outbox_id or "", {"text": f"please see {token(issue)}"})
        assert edited.waits_for == 1, "what it waits for already may move within it"


def test_a_change_brings_none_either(paths: Paths, office: Office) -> None:
    paths.agentrc.write_text("schema = 1\n" + SETTINGS.format(url=office.url))
    plain = Decision("called", 0.99, calls=(PointedCall("message.post", {"channel": "ops", "text": "plain"}),))
    changed = PointedCall("message.post", {"channel": "ops", "text": "see link-of-0123456ab"})
    script = Scripted([plain, Decision("called", 0.99, calls=(changed,), follow="amend")])
    with build(paths, environ={}, starter=script) as runtime:
        *_, ended = runtime.turn(Request("tell ops plain"))
        assert isinstance(ended, events.TurnEnded)
        told = list(runtime.turn(Request("make it see link-of-0123456ab", ended.message.conversation_id)))
        (call,) = [event.call for event in told if isinstance(event, events.CallSettled)]
        assert call.status is CallStatus.REFUSED
        (item,) = runtime.outbox.list()
        assert item.payload["text"] == "plain"
