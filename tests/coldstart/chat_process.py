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
    started_ns = time.perf_counter_ns()
    host.start()
    request = ChatRequest(_messages(characters), max_tokens=1, temperature=0.0, keep="coldstart" if snapshots else "")
    first_ns, ended = 0, None
    for piece in host.chat(request):
        first_ns = first_ns or time.perf_counter_ns()
        if isinstance(piece, Finished):
            ended = piece
    info = host.info()
    host.close()
    assert ended is not None
    born = born_ns()
    spans = {
        "interpreter": (started_ns - born) / 1e6,
        **{f"model {name}": ms for name, ms in info.spans_ms.items()},
        "model prefix": ended.prefix_ms,
        "first token": ended.first_token_ms - ended.prefix_ms,
    }
    found = {"first_token_ms": (first_ns - born) / 1e6, "prompt_tokens": ended.prompt_tokens, "threads": info.threads,
             "restored": ended.restored, "reused": ended.reused, "note": ended.note, "spans": spans}  # fmt: skip
    print(json.dumps(found))


def _messages(characters: int) -> tuple[Message, ...]:
    text = (TEXT * (characters // len(TEXT) + 1))[:characters]
    return (Message("system", text), Message("user", "hello"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]) if sys.argv[4] else None)
