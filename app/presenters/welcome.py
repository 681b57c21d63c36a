"""The first run: three short steps in the chat, each to be read in ten seconds, all to be skipped with one click."""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from app.presenters.presenter import Clock, Handlers, Presenter, Submit


@dataclass(frozen=True, slots=True)
class Step:
    icon: str
    title: str
    text: str
    examples: tuple[str, ...] = ()


STEPS: tuple[Step, ...] = (
    Step(
        "offline",
        "Works without a network",
        "Notes, tasks, sums and reminders are done at once, here. What needs the network waits safely in the "
        "Outbox and goes out once, when you are back online.",
        (
            "email dana@example.org that the contract is signed, and remind me on Friday to invoice her",
            "note: the gate code at the office is 4711",
        ),
    ),
    Step(
        "reset",
        "Start afresh, keep your work",
        "Reset lets go of the messages of a conversation. What you made stays, and so does what waits to go out. "
        "Undo brings the messages back.",
        ("write down three ideas for Mara's birthday", "add a task: renew the passport by 1 December"),
    ),
    Step(
        "settings",
        "Yours to shape, in one file",
        "How Carryon speaks, which accounts it uses and what it must ask you first: all of it is one text file. Change "
        "it in Settings or in any editor; the next answer follows it.",
        ("keep your answers short from now on", "use a warmer tone"),
    ),
)


class WelcomePresenter(Presenter):
    """Part that changes: "step"."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.shown = self._over = False
        self.index = 0
        self.path = "~/.agentrc"
        self.practice = False

    def handlers(self) -> Handlers:
        return {
            events.SettingsLoaded: self._settings,
            events.PracticeListed: self._practice,
        }

    @property
    def step(self) -> Step:
        return STEPS[self.index]

    @property
    def is_last(self) -> bool:
        return self.index == len(STEPS) - 1

    def go(self, index: int) -> None:
        self.index = min(max(index, 0), len(STEPS) - 1)
        self._changed("step")

    def set_up_practice(self) -> None:
        self.practice = True
        self._submit(commands.SetPractice(enabled=True))
        self._changed("step")

    def finish(self) -> None:
        self.shown, self._over = False, True
        self._submit(commands.FinishFirstRun(practice=self.practice))
        self._changed("step")

    def show_again(self) -> None:
        self.shown, self.index = True, 0
        self._changed("step")

    def _settings(self, event: events.SettingsLoaded) -> None:
        self.path, self.practice = event.path or self.path, event.practice
        self.shown = self.shown or (event.first_run and not self._over)
        self._changed("step")

    def _practice(self, event: events.PracticeListed) -> None:
        self.practice = event.enabled
        self._changed("step")
