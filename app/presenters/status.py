"""The status line: "Offline · 3 waiting · data from 09:12 · Starter · ready". Every part is true now, and leads
somewhere; a part without words has nothing to say."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.protocol import events, network_commands
from agent.protocol.network_events import AttemptStalled
from agent.protocol.server_events import ServerProgressed
from app.presenters.footnote import model_name
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.standing import STARTER, Standings
from app.presenters.states import WAITING_STATES
from app.presenters.wording import when


@dataclass(frozen=True, slots=True)
class StatusPart:
    name: str  # network, sign-in, outbox, data, model, state
    text: str
    tone: str
    icon: str
    hint: str
    leads_to: str  # a view, or "network": the switch, or "sign-in": the network's own page


NETWORK_WORDS = {"offline": "Offline", "degraded": "Unsteady", "online": "Online"}
SIGN_IN_WORDS = "Sign-in wanted"
SIGN_IN = "sign-in"  # where its part leads
DOUBTS = "doubts"  # leads to the card of the oldest


class StatusPresenter(Presenter):
    """Part that changes: "parts"."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.network, self.manual, self.why = "", False, ""
        self.sign_in, self.sign_in_url = False, ""  # the network wants one; its page, never opened unasked
        self.waiting = 0
        self.needs_you = 0
        self.doubts: tuple[tuple[str, str], ...] = ()  # conversation and call: they wait for the user's word, too
        self.model = STARTER
        self._standings = Standings()
        self.answering = False
        self.doing = ""  # how far the call of a server is, or what does not come
        self.data_from: int | None = None  # of the last answer: when the oldest kept copy that it used was fetched

    def handlers(self) -> Handlers:
        return {
            events.ConnectivityChanged: self._network,
            events.ItemsListed: self._items,
            events.ModelStateChanged: self._model,
            events.ModelsListed: self._models,
            events.TurnStarted: lambda _: self._answer(answering=True),
            events.TurnEnded: self._ended,
            events.ConversationOpened: self._opened,
            events.CallSettled: lambda _: self._answer(answering=self.answering),
            ServerProgressed: self._progressed,
            AttemptStalled: self._stalled,
        }

    @property
    def parts(self) -> tuple[StatusPart, ...]:
        return tuple(part for part in self.every if part.text)

    @property
    def every(self) -> tuple[StatusPart, ...]:
        """Those too that have nothing to say now."""
        return (
            self._network_part(), self._sign_in_part(), self._outbox_part(), self._doubts_part(), self._data_part(),
            self._model_part(), self._state_part(),
        )  # fmt: skip

    @property
    def offline_switch(self) -> bool:
        return self.manual and self.network == "offline"

    def set_offline(self, offline: bool) -> None:
        self._submit(network_commands.SetOffline(offline=offline))

    def hint(
        self, reachable: bool | None, metered: bool | None = None, low_battery: bool | None = None, *,
        moved: bool = False,
    ) -> None:  # fmt: skip
        self._submit(
            network_commands.ReportNetworkHint(
                reachable=reachable, metered=metered, low_battery=low_battery, moved=moved
            )
        )

    @property
    def sign_in_page(self) -> str:
        """The address that a press may open; "" where there is none. What a network says of itself is not trusted."""
        page = self.sign_in_url if self.sign_in and not self.offline_switch else ""
        return page if page.lower().startswith(("http://", "https://")) else ""

    def sign_in_opened(self) -> None:
        self._submit(network_commands.AwaitSignIn())

    def _network_part(self) -> StatusPart:
        words = NETWORK_WORDS.get(self.network, "Network not looked at yet")
        if self.sign_in:
            words = SIGN_IN_WORDS
        if self.offline_switch:
            words = "Offline by your switch"
        tone = {"online": "good", "degraded": "wait"}.get(self.network, "muted")
        icon = "online" if self.network == "online" else "offline"
        turn = "Press to use the network again" if self.offline_switch else "Press to stay offline"
        page = f" Its page: {self.sign_in_url}." if self.sign_in_url else ""
        hint = f"{self.why.rstrip('.')}.{page} {turn}" if self.why else turn
        return StatusPart("network", words, tone, icon, hint, "network")

    def _sign_in_part(self) -> StatusPart:
        """Only where its page is known."""
        page = self.sign_in_page
        words = f"Open the sign-in page ({urlsplit(page).netloc})" if page else ""
        hint = f"Opens {page} in your browser; what waits leaves by itself once you are signed in" if page else ""
        return StatusPart(SIGN_IN, words, "accent", "offline", hint, SIGN_IN)

    def _outbox_part(self) -> StatusPart:
        words = f"{self.waiting} waiting" if self.waiting else "Nothing waiting"
        hint = f"{self.needs_you} of them wait for your word" if self.needs_you else "Open the outbox"
        return StatusPart("outbox", words, "wait" if self.needs_you else "muted", "outbox", hint, "outbox")

    def _doubts_part(self) -> StatusPart:
        """Only where something is in doubt."""
        number = len(self.doubts)
        words = f"{number} may have happened" if number else ""
        hint = "It needs you: say whether it happened" if number == 1 else "They need you: say whether they happened"
        return StatusPart(DOUBTS, words, "wait", "help", f"{hint}. Press to see the oldest", DOUBTS)

    def _data_part(self) -> StatusPart:
        """How old what the last answer stands on is; nothing where it was all as of then."""
        if self.data_from is None:
            return StatusPart("data", "", "muted", "clock", "", "chat")
        words = f"data from {when(self.data_from, self.now_ms())}"
        return StatusPart("data", words, "wait", "clock", "The last answer used a kept copy of that age", "chat")

    def _model_part(self) -> StatusPart:
        return StatusPart("model", model_name(self.model), "muted", "models", "The model that answers", "models")

    def _state_part(self) -> StatusPart:
        """Of the model that talks; a starter in trouble is said first, since nothing is decided without it."""
        name = STARTER if self._standings.face(STARTER).tone == "bad" else self.model
        face, why = self._standings.face(name), self._standings.why(name)
        tone = "bad" if face.tone == "bad" else "muted"
        words = face.line if name == self.model else f"{model_name(name)} {face.line}"
        words = self.doing or ("answering" if self.answering and tone != "bad" else words)
        return StatusPart("state", words, tone, "spark", why or "How the model is doing", "models")

    def _network(self, event: events.ConnectivityChanged) -> None:
        self.network, self.manual, self.why = event.state, event.manual, event.why
        self.sign_in, self.sign_in_url = event.sign_in, event.sign_in_url
        self._changed("parts")

    def _items(self, event: events.ItemsListed) -> None:
        self.waiting = sum(event.counts.get(state, 0) for state in WAITING_STATES)
        self.needs_you = sum(event.counts.get(state, 0) for state in ("waiting_approval", "unknown", "conflict"))
        self.doubts = event.doubts
        self._changed("parts")

    def _model(self, event: events.ModelStateChanged) -> None:
        self._standings.hear(event)
        self._changed("parts")

    def _models(self, event: events.ModelsListed) -> None:
        if current := next((model for model in event.models if model.current), None):
            self.model = current.name
            self._changed("parts")

    def _ended(self, event: events.TurnEnded) -> None:
        self.data_from = event.label.data_from if event.label else None  # an answer that was broken off has none
        self._answer(answering=False)

    def _opened(self, event: events.ConversationOpened) -> None:
        labels = [message.label for message in event.messages if message.label]
        self.data_from = labels[-1].data_from if labels else None
        self._changed("parts")

    def _answer(self, *, answering: bool) -> None:
        self.answering, self.doing = answering, ""
        self._changed("parts")

    def _stalled(self, event: AttemptStalled) -> None:
        """In every room; the chat says more."""
        self.doing = event.words.partition(";")[0]
        self._changed("parts")

    def _progressed(self, event: ServerProgressed) -> None:
        far = f" {event.fraction:.0%}" if event.fraction is not None else ""
        self.doing = f"{event.server}{far}{': ' + event.text if event.text else ''}"
        self._changed("parts")
