"""The form of an answer: what is said, a list, a text, what is added; as Markdown, plain text, or bullets."""

import re
from dataclasses import dataclass

ITEMS_MAX = {"short": 5, "normal": 20, "long": 100}
TEXT_CHARACTERS_MAX = {"short": 500, "normal": 4_000, "long": 20_000}


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is somebody's own; `as_is`: it is Markdown already. `more`: sentences said after everything."""

    main: str
    items: tuple[str, ...] = ()
    text: str = ""
    as_is: bool = False
    more: tuple[str, ...] = ()


def render(answer: Answer, form: str) -> str:
    if form == "bullets":
        return _bullets(answer)
    mark = "- " if form == "markdown" else ""
    parts = [answer.main]
    if answer.items:
        parts.append("\n".join(mark + item for item in answer.items))
    if answer.text:
        parts.append(answer.text if form == "plain" or answer.as_is else fenced(answer.text))
    if not answer.items and not answer.text:
        return " ".join((*parts, *answer.more))
    return "\n\n".join((*parts, *([" ".join(answer.more)] if answer.more else [])))


def _bullets(answer: Answer) -> str:
    lines = [f"- {answer.main}", *(f"  - {item}" for item in answer.items)]
    if answer.text:
        lines += ["", answer.text if answer.as_is else fenced(answer.text), ""]
    return "\n".join((*lines, *(f"- {sentence}" for sentence in answer.more)))


def several(parts: list[str], form: str) -> str:
    """Several answers one after the other."""
    return ("\n" if form != "markdown" else "\n\n").join(part for part in parts if part)


def fenced(text: str) -> str:
    """Text that Markdown shows letter by letter, whatever backticks it holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
