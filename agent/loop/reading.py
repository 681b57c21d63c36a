"""What a thought comes to where it is about something before it: whole calls, with the arguments old and new.

Pure: a follow-up without a call to follow becomes words, an answer that does not suffice becomes the next question.
"""

from collections.abc import Mapping
from dataclasses import replace

from agent.loop.ports import Intended, Situation, Thought, Way
from agent.protocol.records import Call, Outcome, Question

NOTHING_TO_CHANGE, LET_GO = "nothing_to_change", "let_go"  # topics that the voice has words for
WAYS = {"undo": Way.UNDO, "other": Way.OTHER}
BY_TITLE = frozenset({"note.append", "library.open", "task.done"})


def read(thought: Thought, situation: Situation) -> Thought:
    if thought.follow == "none":
        return _said(thought, LET_GO)
    if thought.follow == "pick":
        return replace(thought, calls=tuple(answering(call, situation) for call in thought.calls))
    if thought.follow == "fill" and thought.calls:
        return _filled(thought, situation)
    if thought.follow and thought.calls and thought.outcome is Outcome.CALLED:
        return _following(thought, situation)
    return thought


def _said(thought: Thought, topic: str) -> Thought:
    return replace(thought, outcome=Outcome.ANSWERED, calls=(), topic=topic)


def _filled(thought: Thought, situation: Situation) -> Thought:
    """The call that was asked about, with what was answered; or the next question about it."""
    question, (answer, *_) = situation.question, thought.calls
    if question is None or question.tool != answer.tool:
        return thought
    whole = answering(replace(answer, args={**question.args, **answer.args}), situation)
    if left := tuple(name for name in question.lacks if name not in answer.args):
        return replace(
            thought, outcome=Outcome.CLARIFY, calls=(), missing=question.tool, lacks=left, guess=(whole,)
        )  # fmt: skip
    return replace(thought, calls=(whole,))


def answering(call: Intended, situation: Situation) -> Intended:
    """It answers the stored question, and takes the place of the call that the question was about."""
    question = situation.question or Question()
    way = Way.AMEND if situation.replaced else Way.NEW
    return replace(call, answers=question.call_id, way=way, earlier=situation.replaced)


def _following(thought: Thought, situation: Situation) -> Thought:
    call = thought.calls[0]
    earlier = next((made for made in reversed(situation.calls) if made.tool == call.tool), None)
    if thought.follow == "undo" and situation.question and situation.question.tool == call.tool:
        return _said(thought, LET_GO)  # "never mind": what was asked about was never done
    if earlier is None:
        return _said(thought, NOTHING_TO_CHANGE)
    if thought.follow == "again":
        again = about_earlier(earlier, call.args, Way.NEW)
        return replace(thought, calls=(replace(again, earlier=None),))
    if thought.follow == "amend":
        return replace(thought, calls=(about_earlier(earlier, call.args, Way.AMEND),))
    return replace(thought, calls=(about_earlier(earlier, {}, WAYS[str(thought.follow)]),))


def about_earlier(earlier: Call, changes: Mapping[str, str], way: Way) -> Intended:
    """The earlier call, whole, with what is to be different. The piece of work that a title had found stays the one
    that is meant."""
    args = {**_arguments(earlier), **changes}
    found = earlier.tool in BY_TITLE and "title" not in changes and earlier.artifact_id
    target = str(found or "") if way in (Way.AMEND, Way.NEW) else ""
    return Intended(earlier.tool, args, way, earlier, target)


def _arguments(call: Call) -> dict[str, str]:
    """Of a setting the key that was found, whatever words named it."""
    if call.tool == "rc.set" and "key" in call.facts:
        return {"key": str(call.facts["key"]), "value": str(call.facts.get("value"))}
    return {name: str(value) for name, value in call.args.items()}
