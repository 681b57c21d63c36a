"""The strict schema: values of a parsed file → a layer, or every problem in it with its place and a remedy."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agent.agentrc import servers
from agent.agentrc.connections import incomplete
from agent.agentrc.errors import Problem
from agent.agentrc.keys import Path, find, format_key, hint, is_table
from agent.agentrc.kinds import judge, normal
from agent.agentrc.layers import Entry, Layer
from agent.agentrc.options import Kind, Option
from agent.agentrc.parse import Parsed, parse
from agent.agentrc.positions import Position
from agent.agentrc.references import literal_secret, teach

PROBLEMS_MAX = 50  # shown at once; a file with more has one cause


@dataclass(frozen=True, slots=True)
class Checked:
    """A layer without what was wrong in it; it may come into force only if `errors` is empty."""

    layer: Layer
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def check_bytes(name: str, raw: bytes, where: str) -> Checked:
    """Everything a file's bytes say, as the layer `name`."""
    parsed = parse(raw, where)
    if isinstance(parsed, Problem):
        return Checked(Layer(name, (), where), (parsed,))
    return _Walk(name, where, parsed).run()


@dataclass(slots=True)
class _Walk:
    name: str
    where: str
    parsed: Parsed
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def run(self) -> Checked:
        for key, value in self.parsed.data.items():
            self._visit((key,), value)
        self.problems += incomplete(self.entries).values()
        self.entries.sort(key=lambda entry: (entry.line, entry.column))
        self.problems.sort(key=lambda problem: (problem.line, problem.column))
        return Checked(Layer(self.name, tuple(self.entries), self.where), tuple(self.problems[:PROBLEMS_MAX]))

    def _visit(self, path: Path, value: Any) -> None:
        found = find(path)
        if found and (found[0].kind is Kind.CLASSING or not (isinstance(value, dict) and "*" in found[0].key)):
            self._leaf(*found, path, value)
        elif isinstance(value, dict) and (found or is_table(path)):
            for name, inner in value.items():
                self._visit((*path, name), inner)
        elif is_table(path):
            self._say(path, f"{format_key(path)} is a table: write [{format_key(path)}] above its settings.")
        else:
            self._say(path, f"there is no setting {format_key(path)}. {hint(path)}")

    def _leaf(self, option: Option, meant: Path, path: Path, value: Any) -> None:
        wrong = forbidden(option, meant, value, self.name)
        place = self._at(path)
        if wrong:
            self.problems.append(Problem(self.where, place.value_line, place.value_column, wrong))
        else:
            self.entries.append(Entry(meant, normal(option, value), self.where, place.line, place.column))

    def _say(self, path: Path, text: str) -> None:
        place = self._at(path)
        self.problems.append(Problem(self.where, place.line, place.column, text))

    def _at(self, path: Path) -> Position:
        return self.parsed.places[path]


def forbidden(option: Option, path: Path, value: object, layer: str) -> str:
    """Why this value may not stand here, in words; "" if it may."""
    name = path[1] if len(path) > 1 else "NAME"
    if what := next((what for text in _texts(value) if (what := literal_secret(text))), None):
        return f"{format_key(path)} holds {what}. Secrets never stand in this file: {_taught(path, name)}."
    if wrong := judge(option, value):
        secret = f": {teach(name)}." if option.kind is Kind.REFERENCE else ""
        return f"{format_key(path)} {wrong}{secret}"
    if path[0] == servers.TABLE and (wrong := servers.wrong_place(path, value)):
        return f"{format_key(path)}: {wrong}"
    return _misplaced(path, value, layer)


def _taught(path: Path, name: str) -> str:
    """A server's address and command are read as they stand: a reference in them would be none."""
    beside = {"url": "headers", "command": "env"}.get(path[2]) if path[0] == servers.TABLE and len(path) > 2 else None
    return f"under [servers.{name}.{beside}] {teach(name)}" if beside else teach(name)


def _misplaced(path: Path, value: object, layer: str) -> str:
    """What is fine in itself, but not here."""
    if path == ("tools", "rc.set") and value == "allow":
        return "rc.set can be ask or deny: a change of this file is always yours to accept."
    if path == ("lock",) and layer != "system":
        return "lock stands only in the system's file, for whoever looks after this machine."
    if path == ("project", "context") and layer == "project" and any(_leaves(text) for text in _texts(value)):
        return "project.context may name only files inside the project's folder, such as ./README.md."
    return ""


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _leaves(text: str) -> bool:
    """Whether an entry of a project's context is a path to somewhere else."""
    return text.startswith(("/", "~", "../")) or (text.startswith("./") and ".." in text.split("/"))
