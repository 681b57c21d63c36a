"""One question to an online tool: asked now; else answered from what was kept, with its age; else it waits in the
outbox and is asked once there is a network.

With a network it is always asked anew. A bound says how long an answer may be relied on where there is no better one;
who asks again wants to know how it is now, and where HTTP says that nothing changed the question costs next to nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.tools.context import ToolContext
from agent.tools.errors import AwayError, NotKeptError, ToolRefusedError
from agent.tools.facts import age_s, moment_fact
from agent.tools.foreground import Instead
from agent.tools.kept import Kept, KeptAnswers, key_of
from agent.tools.outgoing import Place, deferred
from agent.tools.private_files import NOT_KEPT
from agent.tools.results import Deferred, Done, Result
from agent.tools.spec import Past

DESTINATION = "ask"  # "ask:server.git", "ask:action.status": what is asked there is kept here
KEEP = "keep"  # in a payload: under which key, and for how long
WAITS_S = 7 * 86_400
SENTENCE_MAX = 900


@dataclass(frozen=True, slots=True)
class Fresh:
    """What was answered just now."""

    facts: Mapping[str, Any]
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """`source`: who is asked, in words; `identity`: of the declaration and the account; `place`, `payload` and
    `sentence`: of the item that waits, should it have to."""

    tool: str
    args: Mapping[str, str]
    source: str
    identity: str
    fresh_for_s: int
    past: Past
    place: Place
    payload: Mapping[str, Any]
    sentence: str
    known: Mapping[str, Any] = field(default_factory=dict)  # facts of one that waits

    @property
    def key(self) -> str:
        return key_of(self.tool, self.args, self.identity)

    @property
    def keep(self) -> dict[str, Any]:
        return {"key": self.key, "tool": self.tool, "source": self.source, "fresh_for_s": self.fresh_for_s}


Ask = Callable[[Kept | None], Fresh]  # raises AwayError where nobody could be reached


def answered(question: Question, ask: Ask, context: ToolContext) -> Result:
    answers = KeptAnswers(context.cache)
    kept = answers.get(question.key) if question.fresh_for_s else None
    if not context.offline:
        try:
            fresh = context.foreground.ask(lambda: ask(kept), _instead(question, kept, context))
        except AwayError as error:
            return _without(question, kept, context, error)
        facts = {**fresh.facts, **_when(context.clock(), context)}
        try:
            keep(answers, question.keep, fresh, context.clock())
        except NotKeptError as error:  # the answer is there all the same
            facts[NOT_KEPT] = str(error)
        return Done(facts)
    return _without(question, kept, context, None)


def _instead(question: Question, kept: Kept | None, context: ToolContext) -> Instead:
    """What `_without` would give."""
    if kept and _still_counts(kept, question, context):
        return Instead.COPY
    return Instead.LATER if question.fresh_for_s else Instead.NOTHING


def keep(answers: KeptAnswers, under: Mapping[str, Any], fresh: Fresh, now: float) -> bool:
    """Whether it is there now. What is true only when it is said is never kept. Raises NotKeptError."""
    bound = int(under["fresh_for_s"])
    return bound > 0 and answers.put(
        Kept(
            str(under["key"]), str(under["tool"]), str(under["source"]), dict(fresh.facts), now, bound, fresh.etag,
            fresh.last_modified,
        )
    )  # fmt: skip


def _without(question: Question, kept: Kept | None, context: ToolContext, away: AwayError | None) -> Result:
    """Nobody can be asked now."""
    if kept and _still_counts(kept, question, context):
        return Done({**kept.facts, **_age(kept, question, context)})
    if context.kept_only:
        why = "What came is older than it may be by now." if kept else "What came is not kept any more."
        raise ToolRefusedError(why, question.source, "Ask again.")
    if not question.fresh_for_s:
        raise away or ToolRefusedError(
            f"{question.tool} needs the network, there is none now, and no answer of it is ever kept.",
            question.source, "Ask again once there is a connection.",
        )  # fmt: skip
    return _later(question, kept, context)


def _later(question: Question, kept: Kept | None, context: ToolContext) -> Deferred:
    payload = {**question.payload, KEEP: question.keep}
    old = {"age_s": age_s(kept.fetched_at, context.clock())} if kept else {}
    facts = {**question.args, **question.known, "source": question.source, "asks_later": True, **old}
    sentence = question.sentence[:SENTENCE_MAX]
    return deferred(question.tool, question.args, question.place, payload, sentence, facts, context, WAITS_S)


def _still_counts(kept: Kept, question: Question, context: ToolContext) -> bool:
    return not _is_old(kept, question, context) or question.past is Past.FLAG


def _is_old(kept: Kept, question: Question, context: ToolContext) -> bool:
    """By the stricter of the bound that it came with and the one that is declared now; also where nobody knows."""
    age = age_s(kept.fetched_at, context.clock())
    return age is None or age > min(kept.fresh_for_s, question.fresh_for_s)


def _age(kept: Kept, question: Question, context: ToolContext) -> dict[str, Any]:
    used = {"cached": True, "stale": _is_old(kept, question, context), "age_s": age_s(kept.fetched_at, context.clock())}
    return {**_when(kept.fetched_at, context), **used}


def _when(at: float, context: ToolContext) -> dict[str, Any]:
    fetched = moment_fact(round(at * 1000), context.zone)
    return {"fetched": fetched, "age_s": 0, "cached": False, "stale": False}
