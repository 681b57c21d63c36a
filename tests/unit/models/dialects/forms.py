"""Chat templates of our own, each for one way of writing calls; together they stand for what models do."""

_HEAD = (
    "{%- if tools %}<|sys|>Tools: {{ tools | tojson }}<|end|>\n{% endif -%}"
    "{%- for m in messages -%}{%- if m.role == 'tool' -%}<|tool|>{{ m.content }}<|end|>\n"
    "{%- elif m.role != 'assistant' -%}<|{{ m.role }}|>{{ m.content }}<|end|>\n{%- else -%}<|assistant|>"
)
_TAIL = "<|end|>\n{%- endif -%}{%- endfor -%}{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}"
_TEXT = "{{ m.content or '' }}"
_CALLS = "{%- if m.tool_calls -%}"


def _form(calls: str, *, before: str = _TEXT, tail: str = _TAIL) -> str:
    return _HEAD + before + _CALLS + calls + "{%- endif -%}" + tail


def _each(body: str, between: str = "") -> str:
    join = f"{{%- if not loop.last -%}}{between}{{%- endif -%}}" if between else ""
    return "{%- for c in m.tool_calls -%}{%- set f = c.function -%}" + body + join + "{%- endfor -%}"


def _parameters(body: str, between: str = "", items: str = "f.arguments.items()") -> str:
    join = f"{{%- if not loop.last -%}}{between}{{%- endif -%}}" if between else ""
    return f"{{%- for k, v in {items} -%}}{body}{join}{{%- endfor -%}}"


_RAW = "{{ v if v is string else v | tojson }}"
_OBJECT = '{"name": {{ f.name | tojson }}, "arguments": {{ f.arguments | tojson }}}'
_THOUGHT = (
    "{%- if m.reasoning_content -%}<think>\n{{ m.reasoning_content }}\n</think>\n\n{%- endif -%}{{ m.content or '' }}"
)
_NESTED = (
    "{%- macro show(v) -%}{%- if v is mapping -%}{%- for k, x in v.items() -%}"
    "<|t|><{{ k }}>{{ show(x) }}<|t|></{{ k }}>"
    "{%- endfor -%}{%- elif v is string -%}{{ v }}{%- elif v is sequence -%}{%- for x in v -%}<|t|><item>{{ show(x) }}"
    "<|t|></item>{%- endfor -%}{%- else -%}{{ v | tojson }}{%- endif -%}{%- endmacro -%}"
)
_BARE = (
    "{%- macro bare(v) -%}{%- if v is string -%}<|q|>{{ v }}<|q|>{%- elif v is mapping -%}{{ '{' }}"
    "{%- for k, x in v | dictsort -%}"
    "{{ k }}:{{ bare(x) }}{%- if not loop.last -%},{%- endif -%}{%- endfor -%}{{ '}' }}{%- elif v is sequence -%}["
    "{%- for x in v -%}{{ bare(x) }}{%- if not loop.last -%},{%- endif -%}{%- endfor -%}]{%- else -%}{{ v | tojson }}"
    "{%- endif -%}{%- endmacro -%}"
)

FORMS: dict[str, str] = {
    "an object in tags": _form(_each("\n<call>\n" + _OBJECT + "\n</call>")),
    "an object in tags, with thinking": _form(_each("<call>\n" + _OBJECT + "\n</call>"), before=_THOUGHT),
    "thinking left open": _form(_each("<call>" + _OBJECT + "</call>"), before="<think>\n</think>" + _TEXT).replace(
        "<|assistant|>{%- endif -%}", "<|assistant|><think>\n{%- endif -%}"
    ),
    "a list with ids": _form(
        "[CALLS][" + _each(_OBJECT[:-1] + ', "id": {{ c.id | tojson }}}', ", ") + "]",
    ),
    "a list that is counted, laid out in lines": _form(
        "<|act|>[" + _each('\n    {"id": "{{ loop.index0 }}", "tool": {{ f.name | tojson }}, "with": '
        "{{ f.arguments | tojson(indent=4) }}}", ",") + "\n]<|/act|>",
    ),
    "the name as the key": _form(
        "<|tools|>[" + _each("{ {{ f.name | tojson }}: {{ f.arguments | tojson }} }", ", ") + "]"
    ),
    "an object alone": _form(
        "{%- if m.tool_calls | length > 1 -%}{{ raise_exception('one call only') }}{%- endif -%}"
        + _each('{"name": {{ f.name | tojson }}, "parameters": {{ f.arguments | tojson }}}'),
        before="{%- if not m.tool_calls -%}{{ m.content }}{%- endif -%}",
    ),
    "marked by a word": _form(" functools[" + _each(_OBJECT, ", ") + "]"),
    "name, then an object": _form(_each("<function={{ f.name }}>{{ f.arguments | tojson }}</function>")),
    "numbered names": _form(
        "<|calls|>" + _each("<|one|>fn.{{ f.name }}:{{ loop.index0 }}<|with|>{{ f.arguments | tojson }}<|/one|>")
        + "<|/calls|>"
    ),
    "an id before the name": _form(_each("[CALL]{{ c.id }}[NAME]{{ f.name }}[ARGS]{{ f.arguments | tojson }}")),
    "addressed to the tool": (
        "{%- for m in messages -%}{%- if m.role == 'assistant' -%}{%- for c in m.tool_calls or [] -%}"
        "<|start|>assistant to={{ c.function.name }}<|message|><in name=\"{{ c.function.name }}\">\n"
        "{%- for k, v in c.function.arguments.items() %}<p name=\"{{ k }}\">" + _RAW + "</p>\n{% endfor -%}</in>"
        "{{ '<|eom|>' if not loop.last else '<|eot|>' }}{%- endfor -%}"
        "{%- if not m.tool_calls -%}<|start|>assistant to=user<|message|>{{ m.content }}<|eot|>{%- endif -%}"
        "{%- else -%}<|start|>{{ m.role }}<|message|>{{ m.content }}<|eot|>{%- endif -%}{%- endfor -%}"
        "{%- if add_generation_prompt -%}<|start|>assistant{%- endif -%}"
    ),
    "parameters in tags": _form(
        _each("<call>\n<function={{ f.name }}>\n" + _parameters("<parameter={{ k }}>\n" + _RAW + "\n</parameter>\n")
              + "</function>\n</call>", "\n")
    ),
    "keys and values in tags": _form(
        _each("<call>{{ f.name }}" + _parameters("<key>{{ k }}</key><value>" + _RAW + "</value>") + "</call>")
    ),
    "parameters with the words of Python": _form(
        _each('<f name="{{ f.name }}">' + _parameters('<p name="{{ k }}">{{ v }}</p>') + "</f>")
    ),
    "parameters that wrap tags": _form(
        _each('<f name="{{ f.name }}">' + _parameters(
            '<p name="{{ k }}">{{ "<![CDATA[" ~ v ~ "]]>" if v is string and ("<" in v or "&" in v) else '
            "(v if v is string else v | tojson) }}</p>") + "</f>")
    ),
    "parameters with their types": _form(
        "<|calls|>" + _each('<|call|>{{ f.name }} #{{ loop.index }}<|sep|>' + _parameters(
            '<|arg|>{{ k }} is="{{ "text" if v is string else "other" }}"<|sep|>' + _RAW + "<|/arg|>") + "<|/call|>")
        + "<|/calls|>"
    ),
    "parameters in nested tags": _NESTED + _form(
        "<|t|><calls>" + _each('\n<|t|><use name="{{ f.name }}">{{ show(f.arguments) }}<|t|></use>') + "\n<|t|></calls>"
    ),
    "like a function of Python": _form(
        "<|calls|>[" + _each("{{ f.name }}(" + _parameters(
            "{{ k }}={{ \"'\" ~ v ~ \"'\" if v is string else v | tojson }}", ", ") + ")", ", ") + "]<|/calls|>"
    ),
    "bare keys and quotes of its own": _BARE + _form(
        _each("<|call>call:{{ f.name }}{{ '{' }}"
              + _parameters("{{ k }}:{{ bare(v) }}", ",", "f.arguments | dictsort") + "{{ '}' }}<call|>")
    ),
    "begun by the prompt": _form(
        "{%- if m.content -%}>>>{%- endif -%}" + _each("{{ f.name }}\n{{ f.arguments }}", ">>>"),
        before="{%- if m.content -%}all\n{{ m.content }}{%- endif -%}",
    ).replace("<|assistant|>", "<|assistant|>>>>"),
    "only where nothing is said": _form(
        "{%- if m.content is none -%}<calls>" + _each("<call>{{ f.name }}\n" + "{{ f.arguments }}" + "</call>")
        + "</calls>{%- endif -%}"
    ),
    "said in a frame": _form(
        _each("<|open|>call {{ f.name }}<|sep|>{{ f.arguments | tojson }}<|close|>call<|sep|>"),
        before="<|open|>say<|sep|>{{ m.content or '' }}<|close|>say<|sep|>",
    ),
}  # fmt: skip

SILENT: dict[str, str] = {
    "no calls": _HEAD + _TEXT + _TAIL,
    "refuses them": _HEAD
    + "{%- if m.tool_calls -%}{{ raise_exception('no tools here') }}{%- endif -%}"
    + _TEXT
    + _TAIL,
    "fails on them": _HEAD + _TEXT + "{%- if m.tool_calls -%}{{ m.tool_calls.nothing.here }}{%- endif -%}" + _TAIL,
    "forgets the arguments": _form(_each("<call>{{ f.name }}</call>")),
    "forgets the user": "{%- for m in messages if m.role == 'assistant' -%}{{ m.content }}{%- endfor -%}",
}
