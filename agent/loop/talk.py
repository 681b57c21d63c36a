"""What has come of the chat model's part of a turn so far: words, calls, and what it reads of them next."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.conversation.rounds import Round, Written
from agent.loop.fitting import Fitted
from agent.loop.freshness import dated
from agent.loop.ports import Acted, Ports, Request, Situation
from agent.loop.tool_names import reference
from agent.protocol.records import AnswerLabel, Call, Message
from models.contracts import Finished, ToolCall
from models.contracts import Message as ChatMessage


@dataclass(slots=True)
class Talk:
    """`answer`: text of the round at hand; `pending`: calls that it wrote and that are not carried out yet; `is_open`:
    whether these belong to the last of `rounds` by now; `exchange`: what the model reads of this turn behind the user's
    message."""

    asked: Message
    request: Request
    situation: Situation
    ports: Ports
    said: list[str] = field(default_factory=list)
    length: int = 0
    thought: int = 0  # characters
    answer: list[str] = field(default_factory=list)
    pending: list[ToolCall] = field(default_factory=list)
    is_open: bool = False
    rounds: list[Round] = field(default_factory=list)
    deeds: list[Acted] = field(default_factory=list)
    exchange: list[ChatMessage] = field(default_factory=list)
    answers: list[Finished] = field(default_factory=list)
    fit: Fitted | None = None

    @property
    def text(self) -> str:
        return "".join(self.said)

    @property
    def fitted(self) -> Fitted:
        assert self.fit is not None, "the model is asked with a request that fits"
        return self.fit

    @property
    def known(self) -> Mapping[str, Call]:
        """Calls that the model was told of, by the id it reads, as they now stand."""
        changed = {call.id: call for deed in self.deeds for call in deed.also}
        made = {reference(deed.call): deed.call for deed in self.deeds}
        return {ref: changed.get(call.id, call) for ref, call in {**self.fitted.known, **made}.items()}

    def begin_answer(self) -> None:
        self.answer, self.pending, self.is_open = [], [], False

    def open_round(self) -> None:
        """The answer at hand ended in calls."""
        self.rounds.append(Round("".join(self.answer)))
        self.is_open = True

    def take(self, deed: Acted, told: str) -> None:
        """A call that stands before the first answer, as if the model had made it."""
        written = ToolCall(reference(deed.call), self.ports.brief.name(deed.call), dict(deed.call.args))
        self.deeds.append(deed)
        self.rounds.append(Round("", (Written(written.id, deed.call.id),)))
        self.exchange += [ChatMessage("assistant", "", (written,)), ChatMessage("tool", told, answers=written.id)]

    def label(self) -> AnswerLabel:
        """With how many of the oldest messages the model had as a summary, or not at all."""
        label = dated(self.ports.mind.chat_label(self.answers), self.deeds)
        summary = self.fit.sheet.summary if self.fit else None
        if summary is None:
            return label
        if summary.text and summary.is_on:
            return replace(label, summed_up=summary.messages)
        return replace(label, left_out=summary.messages)

    def keep(self) -> None:
        """What there is, for the case that the process dies."""
        self.ports.log.keep_partial(self.asked, self.text, self.rounds)
