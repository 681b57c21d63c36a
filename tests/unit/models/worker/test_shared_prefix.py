"""What all conversations begin with is found by rendering others, whatever the template does."""

from collections.abc import Sequence

import pytest

from models.contracts import ChatRequest, ChatTool, Message
from models.errors import TemplateError
from models.worker.prefix import SharedPrefix

SYSTEM = Message("system", "be kind")


def in_order(messages: Sequence[Message]) -> list[int]:
    return [*b"".join(f"<{one.role}>{one.text}|".encode() for one in messages)]


def folded(messages: Sequence[Message]) -> list[int]:
    """The instructions stand within the first message."""
    system = "".join(one.text for one in messages if one.role == "system")
    rest = [one for one in messages if one.role != "system"]
    return in_order([Message(rest[0].role, f"{system}\n{rest[0].text}"), *rest[1:]])


def reversed_order(messages: Sequence[Message]) -> list[int]:
    return in_order(tuple(reversed(messages)))


@pytest.mark.parametrize(
    ("render", "shared"),
    [(in_order, b"<system>be kind|<user>"), (folded, b"<user>be kind\n"), (reversed_order, b"<")],
)
def test_it_ends_where_conversations_part(render, shared: bytes) -> None:  # type: ignore[no-untyped-def]
    messages = (SYSTEM, Message("user", "hello"), Message("assistant", "yes"), Message("tool", "1"))
    tokens = render(messages)
    assert bytes(tokens[: SharedPrefix().length(tokens, ChatRequest(messages), render)]) == shared


def test_it_never_holds_a_word_of_the_conversation() -> None:
    """Also when that begins as the made-up ones do."""
    for text in ("1", "x", "12", "xylophone", ""):
        messages = (SYSTEM, Message("user", text))
        tokens = in_order(messages)
        assert SharedPrefix().length(tokens, ChatRequest(messages), in_order) <= len(b"<system>be kind|<user>")


def test_the_same_instructions_are_not_rendered_again() -> None:
    rendered: list[int] = []

    def counting(messages: Sequence[Message]) -> list[int]:
        rendered.append(len(messages))
        return in_order(messages)

    known = SharedPrefix()
    for text in ("one", "two"):
        messages = (SYSTEM, Message("user", text))
        known.length(in_order(messages), ChatRequest(messages), counting)
    assert len(rendered) == 2
    other = (Message("system", "be terse"), Message("user", "three"))
    assert known.length(in_order(other), ChatRequest(other), counting) == len(b"<system>be terse|<user>")
    known.length(in_order(other), ChatRequest(other, tools=(ChatTool("look", ""),)), counting)
    assert len(rendered) == 6


def test_it_does_not_depend_on_what_was_asked_before() -> None:
    def joined(messages: Sequence[Message]) -> list[int]:
        """A tokenizer that joins the last letter of what stands before with a blank of the message."""
        tokens = in_order(messages)
        return tokens if not messages[-1].text.startswith(" ") else [*tokens[:20], 999, *tokens[24:]]

    odd, even = ((SYSTEM, Message("user", text)) for text in (" hm", "hello"))
    known = SharedPrefix()
    alone = [SharedPrefix().length(joined(one), ChatRequest(one), joined) for one in (odd, even)]
    for _ in range(2):
        assert [known.length(joined(one), ChatRequest(one), joined) for one in (odd, even)] == alone


def test_a_beginning_that_changed_by_itself_is_found_anew() -> None:
    """Some templates write the date."""
    known, messages = SharedPrefix(), (SYSTEM, Message("user", "hello"))
    for day in (b"monday ", b"tuesday "):

        def dated(some: Sequence[Message], day: bytes = day) -> list[int]:
            return [*day, *in_order(some)]

        assert known.length(dated(messages), ChatRequest(messages), dated) == len(day + b"<system>be kind|<user>")


def test_a_template_that_refuses_has_none() -> None:
    def refuse(_messages: Sequence[Message]) -> list[int]:
        raise TemplateError("no", "model.gguf", "")

    assert SharedPrefix().length([1, 2], ChatRequest((SYSTEM,)), refuse) == 0
