"""The settings room: the file as text, the form over it, first run."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.agentrc import rc
from agent.agentrc.agentrc import Reloaded
from agent.agentrc.agentrc import shown as here
from agent.agentrc.errors import Problem
from agent.protocol import commands, events
from agent.protocol.events import Event, OptionShown, ProblemShown

if TYPE_CHECKING:
    from agent.compose import Runtime


def load(runtime: "Runtime", command: commands.LoadSettings) -> Iterator[Event]:
    """What is shown is in force: the file is read anew before its text is."""
    if reloaded := runtime.agentrc.reload():
        runtime.nudge(settings=True)
        yield changed(reloaded, runtime.agentrc.file, command.id)
    yield loaded(runtime, command.id)


def loaded(runtime: "Runtime", cause: str) -> events.SettingsLoaded:
    agentrc = runtime.agentrc
    rows = rc.rows(agentrc.stack)
    options = tuple(OptionShown(row.key, row.value, row.kind, row.choices, row.about, row.origin) for row in rows)
    return events.SettingsLoaded(
        cause=cause,
        path=str(agentrc.file),
        text=agentrc.file.read_text("utf-8", "replace") if agentrc.file.exists() else "",
        options=options,
        problems=shown(agentrc.problems, agentrc.file),
        config_hash=runtime.settings.config_hash,
        first_run=runtime.first_run,
        practice=runtime.settings.practice_enabled,
    )


def shown(problems: Iterable[Problem], own: Path) -> tuple[ProblemShown, ...]:
    """Of the user's own file words and place apart; of a variable, or of a file that is not in the editor, together."""
    return tuple(_shown(problem, here(own)) for problem in problems)


def _shown(problem: Problem, own: str) -> ProblemShown:
    note = problem.severity == "note"
    if problem.where == own and problem.line:
        return ProblemShown(problem.line, problem.column, problem.text, note)
    return ProblemShown(0, 0, str(problem), note)


def check(runtime: "Runtime", command: commands.CheckSettings) -> Iterator[Event]:
    problems = rc.check(runtime.agentrc.file, command.text)
    yield events.SettingsChecked(cause=command.id, text=command.text, problems=shown(problems, runtime.agentrc.file))


def save(runtime: "Runtime", command: commands.SaveSettings) -> Iterator[Event]:
    desk = runtime.agentrc.desk
    desk.accept(desk.propose_text(command.text.encode()))
    yield from _changed(runtime, command.id)


def set_option(runtime: "Runtime", command: commands.SetOption) -> Iterator[Event]:
    runtime.change_settings({command.key: command.value})
    yield from _changed(runtime, command.id)


def finish_first_run(runtime: "Runtime", command: commands.FinishFirstRun) -> Iterator[Event]:
    runtime.finish_first_run(practice=command.practice)
    yield from _changed(runtime, command.id)


def _changed(runtime: "Runtime", cause: str) -> Iterator[Event]:
    if reloaded := runtime.agentrc.reload():
        runtime.nudge(settings=True)
        yield changed(reloaded, runtime.agentrc.file, cause)
    yield loaded(runtime, cause)
    yield events.StoreChanged(cause=cause, areas=frozenset({"settings"}))


def changed(reloaded: Reloaded, own: Path, cause: str = "") -> events.SettingsChanged:
    return events.SettingsChanged(
        cause=cause,
        config_hash=reloaded.settings.config_hash,
        changed=reloaded.changed,
        problems=shown(reloaded.problems, own),
    )


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[Event]]] = {
    commands.LoadSettings: load,
    commands.CheckSettings: check,
    commands.SaveSettings: save,
    commands.SetOption: set_option,
    commands.FinishFirstRun: finish_first_run,
}
