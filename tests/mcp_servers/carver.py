"""A server of tools that writes a line into the file DONE for each effect, with the key of the call, and kills whoever
started it at the moment that the file ORDER names: "listing", "asked" (before the effect), "done" (before the answer).
"waits": it holds the answer back until the order is taken away; "silent": it ends itself instead of answering.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

DONE, ORDER = Path(os.environ["DONE"]), Path(os.environ["ORDER"])
SCHEMA = {"type": "object", "properties": {"words": {"type": "string"}}, "required": ["words"]}
TOOL = {"name": "carve", "description": "Writes words into a file.", "inputSchema": SCHEMA}
GREETING = {
    "protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "carver", "version": "1.0"},
}  # fmt: skip


def order() -> str:
    return ORDER.read_text() if ORDER.exists() else ""


def kill_at(moment: str) -> None:
    if order() == moment:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)  # it is ended with its parent


def carve(args: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
    kill_at("asked")
    with DONE.open("a", encoding="utf-8") as file:
        file.write(f"{args['words']} {meta['io.carryon/idempotency-key']}\n")
        file.flush()
        os.fsync(file.fileno())
    kill_at("done")
    if order() == "silent":
        sys.exit(3)
    while order() == "waits":
        time.sleep(0.01)
    return {"content": [{"type": "text", "text": "carved"}]}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "initialize":
        return GREETING
    if method == "tools/list":
        kill_at("listing")
        return {"tools": [TOOL]}
    return carve(params["arguments"], params["_meta"]) if method == "tools/call" else {}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            result = answer(message["method"], message.get("params", {}))
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
