"""Short answers to a question with choices, by rule: "yes", "2", "the note", "die zweite". Whatever is not plainly an
answer is a new request and goes to the model.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.loop.answer_words import AROUND, LAST, LEAVE, NAMES, NO, PLACES, YES
from agent.loop.ports import Intended, Thought
from agent.protocol.records import AnswerLabel, Choice, Outcome, Question
from models.starter.vocabulary import TOOLS

CHARACTERS_MAX = 80  # of a short answer; a choice's own words may be longer
LOOKED_AT_MAX = 16 * CHARACTERS_MAX  # of what was said: a choice's own words fit
PART_CHARACTERS_MIN = 3  # of a choice's words, to tell it from the others


def answered_by_rule(text: str, question: Question | None, label: AnswerLabel) -> Thought | None:
    """The calls of the choice that was picked, or that none is meant; None where the text is no such answer."""
    if question is None or not question.choices:
        return None
    said = _plain(text)
    found = _picked(said, question)
    if found is not None:
        calls = tuple(Intended(call.tool, dict(call.args), target=call.target) for call in found.calls)
        return Thought(Outcome.CALLED, label, calls, follow="pick")
    if said in LEAVE or _is(NO, said.split()):
        return Thought(Outcome.ANSWERED, label, follow="none")
    return None


def filled_by_rule(text: str, question: Question | None, thought: Thought) -> Thought | None:
    """The starter cannot complete a call of a tool that it was not trained on: there the words are the answer, unless
    it found something else to do with them."""
    if question is None or not question.lacks or question.tool in TOOLS:
        return None
    if thought.outcome not in (Outcome.HANDOFF, Outcome.CLARIFY):
        return None
    answer = Intended(question.tool, {question.lacks[0]: text.strip()})
    return replace(thought, outcome=Outcome.CALLED, calls=(answer,), follow="fill")


def _picked(said: str, question: Question) -> Choice | None:
    whole = [choice for choice in question.choices if _plain(choice.words) == said]
    if len(whole) == 1:
        return whole[0]
    if not said or len(said) > CHARACTERS_MAX:
        return None
    words = said.split()
    if _is(YES, words):
        return question.choices[0] if _yes_is_the_first(question) else None
    if (place := _place(words, len(question.choices))) is not None:
        return question.choices[place]
    return _by_name(words, question.choices) or _by_words(said, question.choices)


def _is(meaning: frozenset[str], words: Sequence[str]) -> bool:
    telling = set(words) - AROUND
    return bool(telling) and telling <= meaning


def _yes_is_the_first(question: Question) -> bool:
    """ "Shall I …, or …?" leads with the likelier; "which one: A or B?" is not answered by yes."""
    return len(question.choices) == 1 or not question.tool


def _place(words: Sequence[str], count: int) -> int | None:
    telling = [word for word in words if word not in YES | NO | AROUND] or words[-1:]
    if len(telling) != 1:
        return None
    if telling[0] in LAST:
        return count - 1
    place = PLACES.get(telling[0], count)
    return place if place < count else None


def _by_name(words: Sequence[str], choices: Sequence[Choice]) -> Choice | None:
    """By what the tool makes, where that tells the choices apart."""
    telling = {word for word in words if word not in YES | NO | AROUND}
    fitting = [choice for choice in choices if telling and telling <= NAMES.get(choice.calls[0].tool, frozenset())]
    return fitting[0] if len(fitting) == 1 else None


def _by_words(said: str, choices: Sequence[Choice]) -> Choice | None:
    """By a part of its title or name; of a reading there is none."""
    bare = " ".join(word for word in said.split() if word not in AROUND | YES | NO)
    if len(bare) < PART_CHARACTERS_MIN:
        return None
    fitting = [choice for choice in choices if choice.calls[0].target and f" {bare}" in f" {_plain(choice.words)}"]
    return fitting[0] if len(fitting) == 1 else None


def _plain(text: str) -> str:
    """In small letters, without what stands around words."""
    said = text[:LOOKED_AT_MAX].casefold().replace("’", "'")
    return re.sub(r"[\s.,;:!?¡¿#()\"“”„«»]+", " ", said).strip()
