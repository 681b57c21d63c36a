"""The first box: takes text and messages before any presenter, keeps them, and hands everything over in order."""

from agent.protocol import commands, events
from agent.protocol.events import Failed, TurnStarted
from agent.unsent import Unsent, left_over
from app import demo
from app.late_core import LateCore
from app.presenters.desk import Desk
from app.presenters.early import EarlyComposer


class Core:
    """A core that only remembers."""

    def __init__(self) -> None:
        self.submitted: list[commands.Command] = []
        self.closed = False

    def submit(self, command: commands.Command) -> None:
        self.submitted.append(command)

    def cancel(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        self.closed = True


def written(*texts: str) -> EarlyComposer:
    early = EarlyComposer()
    for text in texts:
        early.typed(text)
        early.send()
    return early


def test_sending_empties_the_box_and_blank_text_is_not_sent() -> None:
    early, heard = EarlyComposer(), []
    early.listen(lambda part, _key: heard.append(part))
    early.typed("  ")
    assert not early.send()
    early.typed(" hello ")
    assert early.send()
    assert (early.text, [one.text for one in early.pending]) == ("", ["hello"])
    assert heard == ["text", "pending"]


def test_what_is_sent_is_kept_before_it_leaves_the_box() -> None:
    kept: list[tuple[str, str, str]] = []
    early = EarlyComposer(lambda key, text: kept.append((key, text, early.text)))
    early.typed("hello")
    early.send()
    assert kept == [(early.pending[0].id, "hello", "hello")]


def test_the_presenter_takes_over_under_the_same_ids(desk: Desk, submitted) -> None:
    early = written("first", "second")
    early.typed("half a")
    desk.composer.take_over(early)
    sent = submitted.all(commands.SendMessage)
    assert [(one.id, one.text) for one in sent] == [(one.id, one.text) for one in early.pending]
    assert [one.text for one in desk.composer.pending] == ["first", "second"]
    assert desk.composer.text == "half a"


def test_a_draft_of_last_time_does_not_push_out_what_was_written_meanwhile(desk: Desk, submitted) -> None:
    early = EarlyComposer()
    early.typed("now")
    desk.composer.take_over(early)
    desk.composer.bring_back("could not be stored last time")
    desk.handle(events.ConversationsListed(conversations=(), query="", draft="a draft"))
    assert desk.composer.text == "a draft\n\ncould not be stored last time\n\nnow"
    assert submitted.last(commands.SaveDraft).text == desk.composer.text


def test_commands_wait_in_order_and_messages_are_on_the_disk_until_they_are_stored(tmp_path) -> None:
    unsent = Unsent(tmp_path)
    late, core = LateCore(unsent), Core()
    first, message = commands.ListModels(), commands.SendMessage(text="hello")
    late.submit(first)
    late.submit(message)
    assert unsent.holds(message.id)
    late.open(core)
    late.submit(commands.ListItems())
    assert core.submitted[:2] == [first, message]
    assert len(core.submitted) == 3
    late.heard(TurnStarted(cause=message.id, turn_id="t", message=demo.MESSAGES[0]))
    assert not unsent.holds(message.id)
    late.close()
    assert core.closed
    assert list(tmp_path.iterdir()) == []


def test_a_message_that_comes_back_into_the_box_is_not_left_behind_at_an_orderly_end(tmp_path) -> None:
    late = LateCore(Unsent(tmp_path))
    message = commands.SendMessage(text="hello")
    late.submit(message)
    late.heard(Failed(cause=message.id, what="The disk is full."))
    late.close()
    assert list(left_over(tmp_path)) == []


def test_a_message_that_nobody_answered_outlives_an_orderly_end(tmp_path) -> None:
    late = LateCore(Unsent(tmp_path))
    late.submit(commands.EditMessage(message_id="m", text="changed"))
    late.close()
    ((_, waiting),) = left_over(tmp_path)
    assert [one.text for one in waiting] == ["changed"]
