"""Who else wrote in a message of the user's: kept with it as it is stored, exported and made a draft again."""

import json
from pathlib import Path

from agent.conversation import Conversations
from agent.library.sources import SOURCES_MAX

PROMPT = "the prompt triage of the server tracker"


def test_it_is_stored_tidy_and_within_bounds(conversations: Conversations) -> None:
    many = tuple(f"the page {number}\n" for number in range(SOURCES_MAX + 5))
    asked = conversations.begin_turn(None, "sort them", (PROMPT, PROMPT, *many))
    assert asked.sources[:2] == (PROMPT, "the page 0")
    assert len(asked.sources) == SOURCES_MAX
    assert conversations.message(asked.id).sources == asked.sources
    assert conversations.begin_turn(asked.conversation_id, "mine").sources == ()
    assert set(conversations.lent(asked.conversation_id)) == set(asked.sources)


def test_an_export_says_so(conversations: Conversations, tmp_path: Path) -> None:
    asked = conversations.begin_turn(None, "sort them", (PROMPT,))
    for name in ("thread.md", "thread.json"):
        conversations.export(asked.conversation_id, tmp_path / name)
    assert f"with words of {PROMPT}" in (tmp_path / "thread.md").read_text()
    assert json.loads((tmp_path / "thread.json").read_text())["messages"][0]["sources"] == [PROMPT]


def test_a_draft_of_a_conversation_that_has_not_begun_keeps_it(conversations: Conversations) -> None:
    conversations.save_draft(None, "sort them", (PROMPT,))
    assert (conversations.draft(None), conversations.draft_sources(None)) == ("sort them", (PROMPT,))
    conversations.save_draft(None, "")
    assert (conversations.draft(None), conversations.draft_sources(None)) == ("", ())
