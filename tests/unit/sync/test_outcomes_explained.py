"""One sentence of what may have happened, by what is known."""

from dataclasses import replace

import pytest

from sync.explain import may_have_happened
from sync.item import Item
from sync.states import State
from tests.unit.sync.items import an_item

ITEM = replace(an_item(), destination="smtp:work", state=State.UNKNOWN, uncertain_since=5, offers=1, updated_at=9)


def moment(at: int) -> str:
    return f"12:0{at}"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (ITEM, "At 12:05 it was handed to work (smtp) and no answer came back, so it may or may not have arrived; "
         "look in the folder of sent mail, then say whether it is there: sent again without a look, it could arrive "
         "twice."),
        (replace(ITEM, offers=3), "It was handed to work (smtp) 3 times, and since 12:05 there was a try without an "),
        (replace(ITEM, offers=0), "by the profile as it was before a copy was put back; look in the folder of sent"),
        (replace(ITEM, mode="query"), "or send it again: then it is looked for there first."),
        (replace(ITEM, mode="query", unanswered=1), "sent again without a look, it could arrive twice."),
        (replace(ITEM, state=State.FAILED, mode="key"), "under the same number, by which a repeat is recognised"),
        (replace(ITEM, state=State.QUEUED, mode="query"), "it is looked for there, so it arrives once."),
        (replace(ITEM, state=State.QUEUED), "you are asked before it is sent again."),
        (replace(ITEM, state=State.QUEUED, offers=0, attempts=0), "is found out first: then it goes by itself"),
        (replace(ITEM, state=State.WAITING_APPROVAL), "it is made sure that it is not there already."),
        (replace(ITEM, state=State.CANCELLED), "look in the folder of sent mail before you send it again."),
        (replace(ITEM, destination="odd:" + "x" * 200), "look in the place it was meant for"),
        (replace(ITEM, uncertain_since=None), "At 12:09 it was handed to work"),
    ],
)  # fmt: skip
def test_it_says_what_where_when_and_what_next(item: Item, words: str) -> None:
    told = may_have_happened(item, moment)
    assert words in told
    assert told.endswith(".")
    assert told.count(".") == 1, "one sentence"
    assert len(told) < 300


def test_without_a_doubt_there_is_nothing_to_say() -> None:
    assert may_have_happened(replace(ITEM, state=State.QUEUED, uncertain_since=None), moment) == ""
