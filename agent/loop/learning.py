"""What a follow-up tells of a wrong reading goes to the corrections: changed, taken back, the other one, none of these.

The only place where the loop does so. Whether anything is kept is decided there, by the user's consent.
"""

from agent.corrections.lessons import Lessons
from agent.corrections.records import How
from agent.loop.ports import Situation, Thought
from agent.protocol.records import Message

HOW = {"amend": How.AMENDED, "undo": How.UNDONE, "other": How.OTHER}


class LearningLoop:
    def __init__(self, lessons: Lessons) -> None:
        self._lessons = lessons

    def told(self, thought: Thought, situation: Situation, asked: Message) -> None:
        if thought.follow == "none" and situation.question:
            readings = tuple(choice.calls for choice in situation.question.choices)
            self._lessons.none_meant(asked, readings[0] if readings else ())
            return
        for call in thought.calls:
            if thought.follow in HOW and call.earlier:
                meant = call.args if thought.follow == "amend" else None
                self._lessons.followed(call.earlier.id, HOW[thought.follow], meant)
