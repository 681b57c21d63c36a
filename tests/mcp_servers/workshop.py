"""A server of tools that behaves: it says what it was given, JSON for JSON. Standard library alone, so that it starts
fast. `WORDS` names a file whose text it says of `publish`; `DONE` one that gets a line for each effect.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

PARCEL = {
    "type": "object",
    "properties": {"weight": {"type": "number"}, "tags": {"type": "array", "items": {"type": "string"}}},
    "required": ["weight"],
}
TOOLS: dict[str, tuple[dict[str, Any], list[str], dict[str, bool]]] = {
    "add_numbers": ({"a": {"type": "integer"}, "b": {"type": "integer"}}, ["a", "b"], {"readOnlyHint": True}),
    "pack": (
        {"parcel": {"$ref": "#/$defs/parcel"}, "size": {"enum": ["small", "large"]}, "fragile": {"type": "boolean"},
         "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
         "copies": {"type": "array", "items": {"type": "integer"}}},
        ["parcel"], {},
    ),
    "publish": ({"text": {"type": "string"}}, ["text"], {"openWorldHint": True}),
    "get_weather": ({"city": {"type": "string"}}, ["city"], {"readOnlyHint": True, "openWorldHint": True}),
    "greet": ({}, [], {}),
}  # fmt: skip


def write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def read() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def declared(name: str) -> dict[str, Any]:
    properties, required, hints = TOOLS[name]
    words = os.environ.get("WORDS", "")
    about = Path(words).read_text() if name == "publish" and words and Path(words).exists() else f"Does {name}."
    schema = {"type": "object", "properties": properties, "required": required, "$defs": {"parcel": PARCEL}}
    return {"name": name, "description": about, "inputSchema": schema, "annotations": hints}


def called(number: Any, name: str, args: dict[str, Any]) -> None:
    if name == "greet":
        write({"id": "q1", "method": "elicitation/create", "params": {"message": "Who are you?", "requestedSchema": {
            "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}})  # fmt: skip
        answer = read()["result"]
        args = {"answer": answer["action"], "name": answer.get("content", {}).get("name", "")}
    if done := os.environ.get("DONE"):
        with Path(done).open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, args]) + "\n")
    write({"id": number, "result": {"content": [{"type": "text", "text": json.dumps([name, args])}]}})


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}, "resources": {}, "prompts": {}},
                    "serverInfo": {"name": "workshop", "version": "1.0"}}  # fmt: skip
        case "tools/list":
            return {"tools": [declared(name) for name in TOOLS]}
        case "resources/list":
            return {"resources": [{"uri": "shelf://plans", "name": "plans"}]}
        case "resources/templates/list":
            return {"resourceTemplates": []}
        case "resources/read":
            return {"contents": [{"uri": params["uri"], "text": "two screws, one plank"}]}
        case "prompts/list":
            arguments = [{"name": "what", "required": True}]
            return {"prompts": [{"name": "build", "description": "How to build it", "arguments": arguments}]}
        case "prompts/get":
            words = {"type": "text", "text": f"Build {params['arguments']['what']}"}
            return {"messages": [{"role": "user", "content": words}]}
    return {}


def main() -> None:
    while True:
        message = read()
        number, params = message.get("id"), message.get("params", {})
        if number is None:
            continue
        if message["method"] == "tools/call":
            called(number, params["name"], params.get("arguments", {}))
        else:
            write({"id": number, "result": answer(message["method"], params)})


if __name__ == "__main__":
    main()
