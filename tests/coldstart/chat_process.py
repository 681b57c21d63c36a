"""A fresh process that asks a chat model for its first word after a long prefix. Prints JSON: milliseconds since birth.

With a folder for snapshots the prefix is taken up from there, if an earlier process left it; else it is read.
"""

import json
import sys
import time
from pathlib import Path

from agent.starts.process import born_ns
from models.contracts import ChatRequest, Finished, Message
from models.host import ModelHost, Settings

TEXT = "Say what you know, and say when you do not. "
CONTEXT = 4_096


def main(file: Path, sha256: str, characters: int, snapshots: Path | None) -> None:
    host = ModelHost(file, name="chat", sha256=sha256, settings=Settings(n_ctx=CONTEXT, snapshots=snapshots))
    host.start()
    threads = host.info().threads
    request = ChatRequest(_messages(characters), max_tokens=1, temperature=0.0, keep="coldstart" if snapshots else "")
    first_ns, ended = 0, None
    for piece in host.chat(request):
        first_ns = first_ns or time.perf_counter_ns()
        if isinstance(piece, Finished):
            ended = piece
    host.close()
    assert ended is not None
    found = {"first_token_ms": (first_ns - born_ns()) / 1e6, "prompt_tokens": ended.prompt_tokens, "threads": threads,
             "restored": ended.restored, "reused": ended.reused, "note": ended.note}  # fmt: skip
    print(json.dumps(found))


def _messages(characters: int) -> tuple[Message, ...]:
    text = (TEXT * (characters // len(TEXT) + 1))[:characters]
    return (Message("system", text), Message("user", "hello"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]) if sys.argv[4] else None)
