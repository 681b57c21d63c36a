"""Opening a profile for one command: options that every command takes, errors turned into exit codes."""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.printing import BROKEN, INVALID, ZONE, aside, fail

if TYPE_CHECKING:
    from agent.agentrc.agentrc import Agentrc
    from agent.compose import Runtime
    from agent.paths import Paths
    from agent.tools.foreground import Stall

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
offline_option = click.option("--offline", is_flag=True, help="Deny the network for this command.")


@contextmanager
def profile(*, offline: bool = False, quiet: bool = False) -> Iterator["Runtime"]:
    """The parts of this machine's profile, closed in order at the end. Mistakes in settings are told on stderr, unless
    `quiet`."""
    from agent.compose import build
    from agent.paths import Paths, network_denied

    root = click.get_current_context().find_root()
    overrides: tuple[str, ...] = root.params.get("overrides", ())
    denied = offline or network_denied(os.environ)
    with build(Paths.of(), overrides=overrides, offline=denied) as runtime:
        root.meta[ZONE] = runtime.settings.timezone
        for problem in () if quiet else runtime.agentrc.problems:
            aside(str(problem))
        if not quiet:
            runtime.foreground.tell = _stalled
        for call in runtime.settle_left():
            aside(f"{call.result} `carryon chat resolve` lists what is in doubt.")
        yield runtime


def settings_alone() -> "tuple[Paths, Agentrc]":
    """For what needs no database: it works on a full disk, and where the database is damaged. Mistakes in settings are
    told on stderr."""
    from agent.agentrc.agentrc import Agentrc
    from agent.paths import Paths

    root = click.get_current_context().find_root()
    overrides: tuple[str, ...] = root.params.get("overrides", ())
    paths = Paths.of().make()
    agentrc = Agentrc(paths, environ=os.environ, sets=overrides, folder=Path.cwd())
    root.meta[ZONE] = agentrc.load().timezone
    for problem in agentrc.problems:
        aside(str(problem))
    return paths, agentrc


def _stalled(stall: "Stall") -> None:
    """While a command waits for the network: what does not come. Ctrl+C takes it back."""
    if stall.words:
        aside(f"Not working yet. {stall.words}")


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what went wrong into words and an exit code: 2 for what the user can mend, 3 for broken machinery."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        from agent.errors import CarryonError
        from agent.explain import explain

        as_json = bool(kwargs.get("as_json"))
        try:
            return function(*args, **kwargs)
        except CarryonError as error:
            fail(error.exit_code, error.what, error.where, error.todo, as_json=as_json)
        except (click.ClickException, click.exceptions.Exit, SystemExit, KeyboardInterrupt, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001  the last door: scripts must get an exit code and words
            code, what, where, todo = explain(error)
            fail(code if code else BROKEN, what, where, todo, as_json=as_json)

    return run


__all__ = ["INVALID", "command", "json_option", "offline_option", "profile"]
