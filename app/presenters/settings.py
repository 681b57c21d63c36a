"""Settings are one text file; the form and the editor are two views of it. A wrong text can be seen but not saved."""

import time
from dataclasses import dataclass
from typing import Any

from agent.protocol import commands, events
from agent.protocol.events import OptionShown, ProblemShown
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.wording import count


@dataclass(frozen=True, slots=True)
class OptionRow:
    key: str
    title: str
    value: Any
    kind: str
    choices: tuple[str, ...]
    about: str
    origin: str
    from_file: bool


class SettingsPresenter(AreaPresenter):
    """Parts that change: "text" (the editor anew), "rows", "problems", "state"."""

    area = "settings"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.path, self.text, self.saved_text = "", "", ""
        self.rows: tuple[OptionRow, ...] = ()
        self.problems: tuple[ProblemShown, ...] = ()
        self.first_run, self.practice = False, False
        self.loaded = False
        self._asked_save = ""
        self._judged = ""  # the text that `problems` are about

    def handlers(self) -> Handlers:
        return {
            events.SettingsLoaded: self._loaded,
            events.SettingsChecked: self._checked,
            events.SettingsChanged: self._file_changed,
            events.Failed: self._failed,
        }

    def refresh(self) -> None:
        self._submit(commands.LoadSettings())

    # What the user does

    def typed(self, text: str) -> None:
        self.text = text
        self._changed("state")

    def check(self) -> None:
        """Called by the view once typing has rested for a moment."""
        self._submit(commands.CheckSettings(text=self.text))

    def save(self) -> None:
        if self.can_save:
            command = commands.SaveSettings(text=self.text)
            self._asked_save = command.id
            self._submit(command)

    def put_back(self) -> None:
        """Drop what was typed since the last save."""
        self.text = self._judged = self.saved_text
        self.problems = ()
        self._changed("text")
        self._changed("problems")

    def set(self, key: str, value: Any) -> None:
        self._submit(commands.SetOption(key=key, value=value))

    def set_practice(self, enabled: bool) -> None:
        self._submit(commands.SetPractice(enabled=enabled))

    @property
    def is_edited(self) -> bool:
        return self.text != self.saved_text

    @property
    def can_save(self) -> bool:
        return self.loaded and self.is_edited and not self._wrong

    @property
    def _wrong(self) -> tuple[ProblemShown, ...]:
        """What is known to be wrong with the text as it stands; the core looks again before it saves."""
        return tuple(problem for problem in self.problems if not problem.note and self.text == self._judged)

    @property
    def verdict(self) -> tuple[str, str]:
        """Words and tone under the editor."""
        if not self.loaded:
            return "Not read yet", "muted"
        if self._wrong:
            return f"{count(len(self._wrong), 'problem')}: not in force as it stands", "bad"
        if self.is_edited:
            return "Fine so far. Not saved yet.", "wait"
        return "Saved and in force", "good"

    # What happened

    def _loaded(self, event: events.SettingsLoaded) -> None:
        edited = self.is_edited and self.loaded
        self.path, self.saved_text = event.path, event.text
        self.rows = tuple(_row(option) for option in event.options)
        self.first_run, self.practice, self.loaded = event.first_run, event.practice, True
        if not edited:
            self.text = self._judged = event.text
            self.problems = event.problems
            self._changed("text")
        for part in ("rows", "problems", "state"):
            self._changed(part)

    def _checked(self, event: events.SettingsChecked) -> None:
        if event.text == self.text:
            self._judged, self.problems = event.text, event.problems
            self._changed("problems")

    def _file_changed(self, event: events.SettingsChanged) -> None:
        self._judged, self.problems = self.text, event.problems
        if event.cause == self._asked_save and not self._wrong:
            self.saved_text = self.text
        self._changed("problems")
        if not self._wrong:
            self.refresh()

    def _failed(self, event: events.Failed) -> None:
        if event.cause and event.cause == self._asked_save:
            self._changed("state")


def _row(option: OptionShown) -> OptionRow:
    return OptionRow(
        key=option.key,
        title=option.key.replace("_", " ").replace(".", " · ").capitalize(),
        value=option.value,
        kind=option.kind,
        choices=option.choices,
        about=option.about,
        origin=option.origin,
        from_file=option.origin not in ("built-in", ""),
    )
