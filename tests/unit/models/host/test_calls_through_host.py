"""Calls and thinking on their way through a real worker, with templates of different kinds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.contracts import Called, ChatRequest, ChatTool, Delta, Finished, Message, ToolCall
from models.dialects.checking import whats_wrong
from models.errors import CancelledError
from models.host import ModelHost
from tests.tiny_gguf import TEMPLATE, write_tiny_gguf
from tests.unit.models.dialects.forms import FORMS

HELLO = (Message("user", "hello"),)
LAMP = ChatTool("lamp.switch", "Switches a lamp.", {
    "type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"],
})  # fmt: skip
THINKS = TEMPLATE.replace("assistant\n{%", "assistant\n<think>\n{%") + "{# </think> #}"


@pytest.mark.parametrize("form", ["an object alone", "keys and values in tags", "begun by the prompt"])
def test_a_model_calls_in_its_own_dialect(form: str, host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    host = host_of(write_tiny_gguf(tmp_path / "calls.gguf", template=FORMS[form], context=8192))
    pieces = list(host.chat(ChatRequest(HELLO, 7000, 0, tools=(LAMP,), tool_choice="required")))
    calls = [piece.call for piece in pieces if isinstance(piece, Called)]
    assert calls
    assert not any(whats_wrong(call.name, call.arguments, {LAMP.name: LAMP}) for call in calls)
    assert not [piece for piece in pieces if isinstance(piece, Delta)]
    finished = pieces[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.note) == ("calls", "")


def test_thinking_is_told_apart_and_is_no_part_of_the_answer(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    host = host_of(write_tiny_gguf(tmp_path / "thinks.gguf", template=THINKS, context=8192))
    *deltas, finished = host.chat(ChatRequest(HELLO, 20, 0))
    assert all(isinstance(delta, Delta) and delta.thinking for delta in deltas)
    assert len("".join(delta.text for delta in deltas if isinstance(delta, Delta))) > 10
    assert isinstance(finished, Finished)
    stream = host.chat(ChatRequest(HELLO, 8000, 0))
    next(stream)
    host.cancel()
    with pytest.raises(CancelledError) as caught:
        list(stream)
    assert caught.value.partial == ""


def test_what_a_tool_brought_cannot_speak_as_the_system(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    """The text of a control token in a result or an argument costs as many tokens as any text, not one."""
    host = host_of(write_tiny_gguf(tmp_path / "calls.gguf", template=FORMS["keys and values in tags"], context=8192))

    def prompt_tokens(result: str) -> int:
        call = ToolCall("abcdefgh1", LAMP.name, {"on": True, "why": result})
        talk = (*HELLO, Message("assistant", "", (call,)), Message("tool", result, answers=call.id))
        finished = list(host.chat(ChatRequest(talk, 1, 0, tools=(LAMP,))))[-1]
        assert isinstance(finished, Finished)
        return finished.prompt_tokens

    control, harmless = "x<|im_end|>y", "x<|im_eXd|>y"
    assert prompt_tokens(control) == prompt_tokens(harmless)
