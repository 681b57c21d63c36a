"""The settings of one profile: its layers read, checked and stacked, kept current, and changed through the desk.

A layer that is broken does not come into force: its last good form stays, also across a restart, and a Problem says
where the mistake is. Where it never was good, nothing leaves this machine until it is. With the file deleted, Carryon
is as freshly installed.
"""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.agentrc import sources
from agent.agentrc.check import Checked, check_bytes
from agent.agentrc.errors import Problem, RcError
from agent.agentrc.history import History
from agent.agentrc.keys import resolve
from agent.agentrc.layers import Entry, Layer
from agent.agentrc.proposals import Desk
from agent.agentrc.reading import read
from agent.agentrc.settings import Settings
from agent.agentrc.snapshots import Snapshots
from agent.agentrc.stack import Stack
from agent.agentrc.trust import Trust, find_project, untrusted
from agent.agentrc.watch import Watch
from agent.agentrc.writing import write_atomically
from agent.paths import Paths

LAST_GOOD = "As it stands it is not in force; the last good form of it is."
NEVER_GOOD = "Not in force. What it forbids is not known, so nothing leaves this machine until it is mended."


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A file was saved. `settings` are in force; with errors in `problems` they are still the last good ones."""

    settings: Settings
    changed: tuple[str, ...]  # keys whose value is another now
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _State:
    stack: Stack
    settings: Settings
    problems: tuple[Problem, ...]
    raw: tuple[bytes | None, ...]


class Agentrc:
    """`sets`: `--set` of this run. `folder`: where to look for a project's `.agentrc`; None: nowhere.

    Threads may share one: `settings`, `problems` and `stack` are always of one moment.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        environ: Mapping[str, str],
        sets: Sequence[str] = (),
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.file = paths.agentrc
        self._system = paths.system_agentrc
        self._folder = folder
        self._own = (sources.environment(environ), Checked(sources.session(sets)))
        self._kept = paths.state / "agentrc"
        self._lock = threading.Lock()
        self._state: _State | None = None
        self.snapshots = Snapshots(self._kept / "snapshots")
        self.trust = Trust(self._kept / "trusted.json")
        self.desk = Desk(self.file, shown(self.file), History(self._kept / "history"), clock)

    def load(self) -> Settings:
        """Read everything; never raises for what stands in a file, see `problems`."""
        with self._lock:
            self._state = self._read()
            return self._state.settings

    def change(self, wanted: Mapping[str, object]) -> Mapping[str, object]:
        """Write settings into the user's file (None takes a key out) and take them into force. What stood there
        before: given to `change`, it takes this back."""
        before = self.said(wanted)
        self.desk.accept(self.desk.propose_all(wanted))
        self.reload()
        return before

    def said(self, keys: Iterable[str]) -> Mapping[str, object]:
        """What the user's own file says now; None where it says nothing."""
        self.reload()
        own = next((layer.entries for layer in self.stack.layers if layer.name == "user"), ())
        values = {entry.path: entry.value for entry in own}
        return {key: values.get(resolve(key)[1]) for key in keys}

    def reload(self) -> Reloaded | None:
        """Read again; None if no file changed."""
        with self._lock:
            before = self._state or self._read()
            self._state = after = self._read()
        if before.raw == after.raw and before.problems == after.problems and before.settings == after.settings:
            return None
        return Reloaded(after.settings, _changed(before.stack, after.stack), after.problems)

    @property
    def settings(self) -> Settings:
        return self._now.settings

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong or worth a note, in the files and variables."""
        return self._now.problems

    @property
    def stack(self) -> Stack:
        return self._now.stack

    @property
    def project(self) -> Path | None:
        """The project file that counts here, if there is one."""
        return find_project(self._folder, self.file) if self._folder else None

    def files(self) -> tuple[Path, ...]:
        """The files that make the settings; not all need exist."""
        project = self.project
        return (self._system, self.file, *((project,) if project else ()))

    def watch(self, on_change: Callable[[Reloaded], None]) -> Watch:
        """Keep current from now on; `on_change` is called in the watch's thread. Close the watch when done."""

        def settled() -> None:
            if reloaded := self.reload():
                on_change(reloaded)

        return Watch(self.files, settled).start()

    @property
    def _now(self) -> _State:
        if self._state is None:
            self.load()
        assert self._state is not None
        return self._state

    def _read(self) -> _State:
        names = ("system", "user", "project")
        raws: list[bytes | None] = []
        layers: list[Layer] = [sources.builtin()]
        problems: list[Problem] = []
        for name, file in zip(names, self.files(), strict=False):
            raw, checked = self._file_layer(name, file)
            raws.append(raw)
            layers.append(checked.layer)
            problems += checked.problems
        for own in self._own:
            layers.append(own.layer)
            problems += own.problems
        stack = Stack(layers)
        settings = stack.settings()
        with contextlib.suppress(OSError, RcError):  # no room: the answer still names its hash
            self.snapshots.keep(settings)
        return _State(stack, settings, (*problems, *stack.problems), tuple(raws))

    def _file_layer(self, name: str, file: Path) -> tuple[bytes | None, Checked]:
        where = shown(file)
        try:
            raw = read(file)
        except FileNotFoundError:
            if name != "project":
                with contextlib.suppress(OSError):
                    self._last_good(name, file).unlink()
            return None, Checked(Layer(name, (), where))
        except OSError as error:
            problem = Problem(where, 0, 0, f"cannot be read: {error.strerror or error}.")
            return None, self._fall_back(name, file, (problem,))
        checked = check_bytes(name, raw, where)
        if checked.errors:
            return raw, self._fall_back(name, file, checked.problems)
        if name == "project":
            checked = checked if self.trust.is_trusted(file, raw) else untrusted(checked)
        else:
            checked = replace(checked, problems=checked.problems + self._keep_good(name, file, raw))
        return raw, replace(checked, layer=replace(checked.layer, folder=file.absolute().parent))

    def _keep_good(self, name: str, file: Path, raw: bytes) -> tuple[Problem, ...]:
        kept = self._last_good(name, file)
        try:
            if not kept.exists() or kept.read_bytes() != raw:
                write_atomically(kept, raw)
        except (OSError, RcError) as error:  # a full disk must not keep anybody from working
            return (Problem(shown(file), 0, 0, f"is fine, but no copy of it could be kept: {error}", "note"),)
        return ()

    def _fall_back(self, name: str, file: Path, problems: tuple[Problem, ...]) -> Checked:
        """The layer's last good form; none of a project's, since trust is in what stands there now. Where there is
        none, what the file forbids is not known, so nothing leaves this machine."""
        where = shown(file)
        if name == "project" and not self.trust.knows(file):
            return Checked(Layer(name, (), where), problems)
        good = self._good(name, file) if name != "project" else None
        if good is None:
            offline = Entry(("network", "mode"), "offline", f"{where} (not understood)")
            return Checked(Layer(name, (offline,), where), (*problems, Problem(where, 0, 0, NEVER_GOOD, "note")))
        layer = replace(good.layer, folder=file.absolute().parent)
        return Checked(layer, (*problems, Problem(where, 0, 0, LAST_GOOD, "note")))

    def _good(self, name: str, file: Path) -> Checked | None:
        """Its last good form; None where there is none, or none that can be read."""
        try:
            checked = check_bytes(name, self._last_good(name, file).read_bytes(), f"{shown(file)} (last good)")
        except OSError:
            return None
        return None if checked.errors or not checked.layer.entries else checked

    def _last_good(self, name: str, file: Path) -> Path:
        which = hashlib.sha256(str(file.absolute()).encode()).hexdigest()[:12]
        return self._kept / "last-good" / f"{name}-{which}.toml"


def shown(file: Path) -> str:
    """A file as the user would write it: `~/.agentrc`."""
    home = Path.home()
    return f"~/{file.relative_to(home).as_posix()}" if file.is_relative_to(home) else str(file)


def _changed(before: Stack, after: Stack) -> tuple[str, ...]:
    keys = dict.fromkeys((*before.named(), *after.named()))
    return tuple(key for key in keys if before.written(key).value != after.written(key).value)
