"""Chat templates are strangers' code: they render what they should and can do nothing else."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models.contracts import ChatRequest, Message
from models.dialects import template as module
from models.dialects.conversation import conversation_shown
from models.dialects.dialect import Way
from models.dialects.template import ChatTemplate, Shown
from models.errors import ModelError, TemplateError
from models.host import ModelHost
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.host.driving import text_of

HELLO = (Message("system", "Be kind."), Message("user", "Hello <b>&</b>"))
TOOL = {"type": "function", "function": {"name": "clock", "description": "Tells.", "parameters": {"type": "object"}}}


def render(
    text: str, messages: tuple[Message, ...] = HELLO, now: float = 1_750_000_000, tools: tuple[Shown, ...] = ()
) -> str:
    late: list[TemplateError] = []
    shown = conversation_shown(messages, Way())
    result = ChatTemplate(text, "model.gguf", late.append).render(shown, bos="<s>", eos="</s>", now=now, tools=tools)
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


def test_tools_are_there_where_they_are_given() -> None:
    text = "{% if tools %}{% for t in tools %}{{ t.function.name }}{% endfor %}{{ functions }}{% else %}none{% endif %}"
    assert render(text) == "none"
    assert render(text, tools=(TOOL,)).startswith('clock[\n    {\n        "name": "clock"')
    assert "2025" in render("{{ datetime }}")


def test_a_template_that_looks_for_more_in_a_tool_gets_it() -> None:
    text = "{% for t in tools or [] %}{{ t.function.parameters.required | join + t.function.x.y }}{% endfor %}"
    with pytest.raises(TemplateError):
        render(text, tools=(TOOL,))
    text = "{% for t in tools %}{{ t.function.parameters.additionalProperties.upper is defined }}{% endfor %}"
    assert render(text, tools=(TOOL,)) == "False"


def test_a_template_may_lengthen_its_own_lists() -> None:
    text = (
        "{% set ns = namespace(ids=[]) %}{% for m in messages %}{% set _ = ns.ids.append(m.role) %}{% endfor %}"
        "{{ ns.ids | join(',') }} {{ ns.ids.pop(0) }} {{ ns.ids | length }}"
    )
    assert render(text) == "system,user system 1"


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ("", '{"b": "é", "a": [1]}'),
        ("ensure_ascii=true", '{"b": "\\u00e9", "a": [1]}'),
        ("sort_keys=true", '{"a": [1], "b": "é"}'),
        ("separators=(',', ':')", '{"b":"é","a":[1]}'),
        ("indent=1", '{\n "b": "é",\n "a": [\n  1\n ]\n}'),
        ("indent=1000", '{\n        "b": "é",\n        "a": [\n                1\n        ]\n}'),
    ],
)
def test_json_is_written_as_asked(options: str, written: str) -> None:
    assert render("{{ {'b': 'é', 'a': [1]} | tojson(" + options + ") }}") == written
    assert render("{{ messages | map(attribute='role') | tojson }}") == '["system", "user"]'


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
        "{{ messages.pop() }}",
        "{% set x = [] %}{{ x.extend([1]) }}",
        "{% set x = {} %}{{ x.update({1: 2}) }}",
        "{{ {1: messages} | tojson }}{{ messages | map('upper') | tojson }}{{ lipsum | tojson }}",
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


ENDLESS = "{% set r = range(90000) %}" + "{% for i in r %}" * 3 + "{% endfor %}" * 3
RECURSIVE = "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}"


@pytest.mark.parametrize("text", [ENDLESS, RECURSIVE])
def test_a_template_that_never_ends_is_stopped(text: str) -> None:
    started = time.process_time()
    late: list[TemplateError] = []
    template = ChatTemplate(text, "model.gguf", late.append)
    with pytest.raises(TemplateError, match=r"did not finish within 0\.2 seconds"):
        template.render(conversation_shown(HELLO, Way()), bos="", eos="", now=0.0, seconds=0.2)
    assert time.process_time() - started < 2
    assert not late


def test_it_costs_no_worker(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    text = "{% if messages|length > 1 %}" + ENDLESS + "{% endif %}{{ messages[0].content }}"
    host = host_of(write_tiny_gguf(tmp_path / "endless.gguf", template=text))
    with pytest.raises(TemplateError, match="did not finish") as caught:
        list(host.chat(ChatRequest(HELLO)))
    assert caught.value.where.endswith("endless.gguf")
    assert text_of(host, ChatRequest(HELLO[1:], 3, 0))
    assert host.state().restarts == 0


def test_one_step_that_never_ends_is_reported_to_who_can_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAST_SECONDS", 0.01)
    reported = threading.Event()

    class Stubborn:
        def __str__(self) -> str:
            assert reported.wait(30)
            return "done"

    template = ChatTemplate("{{ messages[0].content }}", "model.gguf", lambda _error: reported.set())
    shown = [{"role": "user", "content": Stubborn()}]
    assert template.render(shown, bos="", eos="", now=0.0) == "done"


def test_a_model_without_a_template_is_asked_in_plain_words(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    host = host_of(write_tiny_gguf(tmp_path / "plain.gguf", template=None))
    assert not host.info().has_template
    assert len(text_of(host, ChatRequest(HELLO, 5, 0))) == 5


def test_a_broken_template_does_not_hurt_the_worker(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    host = host_of(
        write_tiny_gguf(tmp_path / "broken.gguf", template="{{ messages[0].content }}{{ 1 / (messages|length - 2) }}")
    )
    with pytest.raises(ModelError, match="division by zero"):
        list(host.chat(ChatRequest(HELLO)))
    assert text_of(host, ChatRequest(HELLO[1:], 3, 0))
    assert host.state().restarts == 0
