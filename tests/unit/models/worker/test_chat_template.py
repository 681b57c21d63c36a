"""Chat templates are strangers' code: they render what they should and can do nothing else."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models.contracts import ChatRequest, Delta, Message
from models.errors import ModelError, TemplateError
from models.host import ModelHost
from models.worker import template as module
from models.worker.template import ChatTemplate, fold_system
from tests.tiny_gguf import write_tiny_gguf

HELLO = (Message("system", "Be kind."), Message("user", "Hello <b>&</b>"))


def render(text: str, messages: tuple[Message, ...] = HELLO, now: float = 1_750_000_000) -> str:
    late: list[TemplateError] = []
    result = ChatTemplate(text, "model.gguf", late.append).render(messages, bos="<s>", eos="</s>", now=now)
    assert not late
    return result


def test_what_templates_use_is_there() -> None:
    text = (
        "{{ bos_token }}{% for m in messages %}{{ loop.index0 }}{{ m['role'] }}:{{ m.content | trim }}{{ eos_token }}"
        "{% if not loop.last %}{% continue %}{% endif %}!{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant' ~ ':' * 2 }}{% endif %}{% if tools %}T{% endif %}"
        "{{ {'é': 1} | tojson }}{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}{{ strftime_now('%Y') }}"
    )
    assert render(text) == '<s>0system:Be kind.</s>1user:Hello <b>&</b></s>!assistant::{"é": 1}22025'


def test_what_is_marked_for_training_stays() -> None:
    shown = "{% generation %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endgeneration %}"
    text = "{% for m in messages %}" + shown + "{% endfor %}"
    assert render(text) == HELLO[1].text


def test_blocks_are_trimmed_as_models_expect() -> None:
    assert render("{% for m in messages %}\n    {% if true %}\nx\n    {% endif %}\n{% endfor %}") == "x\nx\n"


def test_a_refused_system_message_goes_into_the_first_other_one() -> None:
    text = (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "[{{ m.role }}]{{ m.content }}{% endfor %}"
    )
    assert render(text) == "[user]Be kind.\n\nHello <b>&</b>"


def test_a_template_that_refuses_everything_is_quoted() -> None:
    with pytest.raises(TemplateError, match="says: roles must alternate") as caught:
        render("{{ raise_exception('roles must alternate') }}")
    assert caught.value.where == "model.gguf"


def test_folding_keeps_every_word() -> None:
    only = (Message("system", "a"),)
    assert fold_system(only) == only
    both = (Message("system", "a"), Message("user", "b"), Message("system", "c"), Message("user", "d"))
    assert [message.text for message in fold_system(both)] == ["a\n\nc\n\nb", "d"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.__class__.__init__.__globals__ }}",
        "{{ raise_exception.__globals__.os }}",
        "{{ strftime_now.__closure__[0] }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ messages.append(1) }}",
        "{{ messages[0].update({'role': 'x'}) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ undefined_thing.deeper }}",
        "{% for",
        "{{ 'a' * 10**9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ [1] * 100000000 }}",
        "{{ range(10**9) | list }}",
        "{{ strftime_now('%1000000000d') }}",
        "{{ 1 / 0 }}",
        "{{ messages['x' ~ 1][3] }}",
        "{{ messages[9].content }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'x'.ljust(10 ** 9) ~ 'x'.ljust(10 ** 9) }}",
        "(" * 300 + "{{" + "(" * 300 + "1" + ")" * 300 + "}}",
    ],
)
def test_escapes_and_bombs_are_refused_quickly(text: str) -> None:
    started = time.process_time()
    with pytest.raises(TemplateError) as caught:
        render(text)
    assert caught.value.todo
    assert time.process_time() - started < 2


def test_formatting_shows_no_inside_of_an_object() -> None:
    assert "class" not in render("{{ '{0.__class__}'.format(messages) }}{{ messages.__class__ }}{{ ''.__class__ }}")


def test_sizes_are_bounded() -> None:
    with pytest.raises(TemplateError, match="characters long"):
        ChatTemplate("x" * (module.TEMPLATE_CHARACTERS_MAX + 1), "model.gguf", lambda _error: None)
    with pytest.raises(TemplateError, match="without end"):
        render("{% for i in range(9000) %}{{ 'x' * 9000 }}{% endfor %}")


def test_a_template_that_never_ends_costs_one_worker_and_not_the_model(
    host_of: Callable[..., ModelHost], tmp_path: Path
) -> None:
    nine = "{% for i in range(90000) %}"
    text = "{% if messages|length > 1 %}" + nine * 3 + "{% endfor %}" * 3 + "{% endif %}{{ messages[0].content }}"
    host = host_of(write_tiny_gguf(tmp_path / "endless.gguf", template=text))
    with pytest.raises(TemplateError, match="did not finish") as caught:
        list(host.chat(ChatRequest(HELLO)))
    assert caught.value.where.endswith("endless.gguf")
    assert len(list(host.chat(ChatRequest(HELLO[1:], 3, 0)))) == 4
    assert host.state().restarts == 1


def test_a_model_without_a_template_is_asked_in_plain_words(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    host = host_of(write_tiny_gguf(tmp_path / "plain.gguf", template=None))
    assert not host.info().has_template
    assert len([piece for piece in host.chat(ChatRequest(HELLO, 5, 0)) if isinstance(piece, Delta)]) == 5


def test_a_broken_template_does_not_hurt_the_worker(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    host = host_of(
        write_tiny_gguf(tmp_path / "broken.gguf", template="{{ messages[0].content }}{{ 1 / (messages|length - 2) }}")
    )
    with pytest.raises(ModelError, match="division by zero"):
        list(host.chat(ChatRequest(HELLO)))
    assert len(list(host.chat(ChatRequest(HELLO[1:], 3, 0)))) == 4
    assert host.state().restarts == 0
