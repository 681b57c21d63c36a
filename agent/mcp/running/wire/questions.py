"""A server's question, from its small schema to fields, and the user's answer. What is not plain is declined."""

from collections.abc import Mapping
from typing import Any

from agent.mcp.handlers import Field, Kind, Question
from agent.mcp.limits import ABOUT_CHARACTERS_MAX, FIELDS_MAX, NAME_CHARACTERS_MAX

Value = str | int | float | bool | list[str] | None
KINDS: Mapping[str, Kind] = {"string": "text", "number": "number", "integer": "whole", "boolean": "yes_no"}
CHOICES_MAX = 100
ANSWER_CHARACTERS_MAX = 10_000


def question(server: str, text: str, schema: Mapping[str, Any]) -> Question | None:
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping) or len(properties) > FIELDS_MAX:
        return None
    required = schema.get("required") or ()
    fields = [_field(name, one, required) for name, one in properties.items()]
    if any(field is None for field in fields):
        return None
    return Question(server, text[:ABOUT_CHARACTERS_MAX], tuple(field for field in fields if field))


def accepted(asked: Question, answer: Any) -> dict[str, Value] | None:
    """The values of known fields in their kinds; None when one is missing or does not fit, or the user said no."""
    if not isinstance(answer, Mapping):
        return None
    values: dict[str, Value] = {}
    for field in asked.fields:
        if field.name not in answer or answer[field.name] is None:
            if field.required:
                return None
            continue
        if not _fits(answer[field.name], field):
            return None
        values[field.name] = answer[field.name]
    return values


def _field(name: str, one: Any, required: Any) -> Field | None:
    if not isinstance(one, Mapping) or one.get("type") not in KINDS or len(name) > NAME_CHARACTERS_MAX:
        return None
    choices = one.get("enum") or [form.get("const") for form in one.get("oneOf") or () if isinstance(form, Mapping)]
    if len(choices) > CHOICES_MAX or not all(isinstance(choice, str) for choice in choices):
        return None
    return Field(
        name=name, kind="choice" if choices else KINDS[one["type"]],
        title=str(one.get("title", ""))[:NAME_CHARACTERS_MAX],
        about=str(one.get("description", ""))[:ABOUT_CHARACTERS_MAX], required=name in required,
        choices=tuple(choices), default=one.get("default"),
    )  # fmt: skip


def _fits(value: Any, field: Field) -> bool:
    match field.kind:
        case "text":
            return isinstance(value, str) and len(value) <= ANSWER_CHARACTERS_MAX
        case "choice":
            return value in field.choices
        case "yes_no":
            return isinstance(value, bool)
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
