"""What does not go on by itself, for the pictures of the window: a network that stalls, a call in doubt, a sign-in."""

from collections.abc import Iterator

from agent.protocol.events import ConversationOpened, Event, TurnStarted
from agent.protocol.network_events import AttemptStalled
from agent.protocol.records import Call, CallStatus, Message, Role
from agent.protocol.server_events import SignInBegan, SignInShown, SignInWanted
from app import demo


def stalled() -> Iterator[Event]:
    text = "what does rates.example.org say"
    yield TurnStarted(turn_id="t80", message=Message("m80", demo.THREAD, "t80", Role.USER, text, demo.NOW_MS))
    words = "No answer from rates.example.org for 1.5 s; still trying until 14:06:20."
    yield AttemptStalled(words=words, instead="later")


def call_in_doubt() -> ConversationOpened:
    words = "This may have been done: printer.print_label. Carryon ended before the answer came."
    call = Call("k91", "t47", "printer.print_label", {"to": "Halden AG, Bern"}, CallStatus.UNKNOWN, words)
    asked = demo.message(93, Role.USER, "print a label for Halden", 1)
    answered = demo.message(94, Role.AGENT, words, 1, calls=(call,))
    return ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=(asked, answered))


def sign_in() -> Iterator[Event]:
    yield SignInWanted(server="tracker", waited_for=True)
    yield SignInBegan(server="tracker")
    host = "login.halden.example"
    yield SignInShown(server="tracker", host=host, url=f"https://{host}/authorize?state=1")
