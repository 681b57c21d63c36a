"""Texts that servers have ready, fetched for the composer: beside the conversation, one at a time, each of which can be
taken back. Nothing of the profile is touched, so what comes of one is told from the lane itself.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from agent.errors import BadRequestError
from agent.explain import explain
from agent.protocol.event import Event
from agent.protocol.server_commands import FetchPrompt, LeavePrompt
from agent.protocol.server_events import PromptFailed, PromptFetched
from agent.session.ending import Ending
from agent.session.lane import Lane
from sync.steering import on_one_line

if TYPE_CHECKING:
    from agent.mcp.outcomes import Passage
    from agent.runtime import Runtime

ARGUMENTS_MAX, ARGUMENT_CHARACTERS_MAX = 100, 20_000
NAME_SHOWN_MAX = 80
TOO_MANY = "Too many texts are being fetched already."
EMPTY = "The server {server} has no words for {prompt}."
CUT, OTHER = "It was longer; the rest was left out.", "Pictures in it were left out."


class ServerPrompts:
    def __init__(self, runtime: "Runtime", emit: Callable[[Event], None]) -> None:
        self._runtime, self._emit = runtime, emit
        self._lane = Lane("prompts")
        self._lock = threading.Lock()
        self._wanted: dict[str, _Fetching] = {}  # by the command; no more than the lane holds

    def fetch(self, command: FetchPrompt) -> None:
        """From any thread."""
        work = _Fetching(self._runtime, command, self._over)
        with self._lock:
            self._wanted[command.id] = work
        if not self._lane.put(work):
            self._over(command.id, PromptFailed(cause=command.id, what=TOO_MANY, todo="Wait for one of them."))

    def leave(self, command: LeavePrompt) -> None:
        """From any thread. Nothing is told of it any more."""
        with self._lock:
            work = self._wanted.pop(command.fetch_id, None)
        if work is not None and not self._lane.take_out(work):
            work.stop()

    def end(self) -> None:
        self._lane.end()

    def close(self, ending: Ending) -> None:
        self.end()
        self._lane.join(ending)

    def _over(self, fetch_id: str, told: Event) -> None:
        with self._lock:
            known = self._wanted.pop(fetch_id, None)
        if known is not None:
            self._emit(told)


class _Fetching:
    """One text, on the lane."""

    def __init__(self, runtime: "Runtime", command: FetchPrompt, over: Callable[[str, Event], None]) -> None:
        self._runtime, self._command, self._over = runtime, command, over
        self._stopped = threading.Event()

    def run(self) -> None:
        command = self._command
        told: Event
        try:
            _check(command.args)
            passages = self._runtime.servers.front.prompt(command.server, command.name, command.args, self._stopped)
            told = _told(command, passages)
        except Exception as error:  # noqa: BLE001  told to the user, whatever a stranger's server brought about
            _, what, _, todo = explain(error)
            told = PromptFailed(cause=command.id, what=what, todo=todo)
        self._over(command.id, told)

    def stop(self) -> None:
        self._stopped.set()


def _check(args: Mapping[str, str]) -> None:
    if len(args) > ARGUMENTS_MAX or any(len(value) > ARGUMENT_CHARACTERS_MAX for value in args.values()):
        raise BadRequestError(
            f"What was filled in is longer than {ARGUMENT_CHARACTERS_MAX:,} characters.", "", "Write less."
        )


def _told(command: FetchPrompt, passages: "Sequence[Passage]") -> Event:
    """All of it as one text; what the server puts into the agent's mouth is marked as such."""
    name = on_one_line(command.name)[:NAME_SHOWN_MAX]
    words = [one.outcome.text if one.role == "user" else f"{one.role}: {one.outcome.text}" for one in passages]
    text = "\n\n".join(one for one in words if one.strip())
    if not text.strip():
        return PromptFailed(cause=command.id, what=EMPTY.format(server=command.server, prompt=name))
    notes = [CUT] if any(one.outcome.cut and not one.outcome.pictures for one in passages) else []
    notes += [OTHER] if any(one.outcome.pictures for one in passages) else []
    return PromptFetched(
        cause=command.id, text=text, source=f"the prompt {name} of the server {command.server}", note=" ".join(notes)
    )
