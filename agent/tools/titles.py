"""Titles: made from the first words of a text, and found again from what the user calls them."""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from agent.protocol.records import Artifact
from agent.tools.context import ToolContext
from agent.tools.facts import moment_fact
from agent.tools.results import NeedsClarification

TITLE_CHARACTERS_MAX = 60
CHOICES_MAX = 5
CLOSE = 0.72  # likeness of two titles from which on one may have been meant

_LEADING = re.compile(r"^(?:the|my|a|an|our|to)\s+", re.IGNORECASE)


def first_words(text: str, most: int = TITLE_CHARACTERS_MAX) -> str:
    """The beginning of a text as a title: its first line, cut between words."""
    line = next((line.strip(" #*->\t") for line in text.splitlines() if line.strip(" #*->\t")), "")
    line = re.sub(r"\s+", " ", line)
    sentence = re.split(r"(?<=[.!?;])\s", line, maxsplit=1)[0].rstrip(".;:,")
    if len(sentence) <= most:
        return sentence
    return sentence[:most].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def one_line(text: str) -> str:
    """Without line breaks and control characters: fit for a header or a title."""
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029\s]+", " ", text).strip()


def matching(said: str, artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
    """Those that may be meant, of the best kind of likeness only: the same, a part, all words, close."""
    wanted = _plain(said)
    words = set(wanted.split())
    tests = (
        lambda title: title == wanted,
        lambda title: bool(wanted) and (wanted in title or title in wanted),
        lambda title: bool(words) and words <= set(title.split()),
        lambda title: SequenceMatcher(None, wanted, title).ratio() >= CLOSE,
    )
    for test in tests:
        if found := tuple(artifact for artifact in artifacts if test(_plain(artifact.title))):
            return found
    return ()


def which(ask: str, said: str, artifacts: Sequence[Artifact], context: ToolContext) -> NeedsClarification:
    """The question which of these is meant; those of one title are told apart by when they were changed."""
    offered = artifacts[:CHOICES_MAX]
    alike = Counter(artifact.title for artifact in offered)
    words = tuple(
        artifact.title
        if alike[artifact.title] == 1
        else f"{artifact.title} ({moment_fact(artifact.updated_at, context.zone)[:16].replace('T', ' ')})"
        for artifact in offered
    )
    return NeedsClarification(ask, {"title": said}, words, tuple(artifact.id for artifact in offered))


def choices(artifacts: Sequence[Artifact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(artifact.title for artifact in artifacts))[:CHOICES_MAX]


def _plain(title: str) -> str:
    said = re.sub(r"[^\w\s]+", " ", title.casefold())
    return _LEADING.sub("", re.sub(r"\s+", " ", said).strip())
