"""A setup, and states that no model made: what the folder does with them is the same."""

from pathlib import Path

from models.snapshots.folder import Snapshots
from models.snapshots.key import Setup, conversation_digest, packed, tokens_digest
from models.snapshots.names import conversation_name, prefix_name
from models.snapshots.packing import pack

SETUP = Setup(
    base_sha256="ab" * 32, adapter_sha256="", adapter_scale=0.0, n_ctx=4096, kv_types="f16", rope="{}",
    flash_attention="-1", threads=2, devices="{}", context="{}", processor="some", llama_build="llama.cpp 1",
    prompt_version="1", sealed_by="",
)  # fmt: skip
TOKENS = list(range(300))
BODY = bytes(range(256)) * 20


def saved(
    folder: Snapshots, keep: str = "", *, tokens: list[int] = TOKENS, body: bytes = BODY, key: bytes = b""
) -> str:
    """Put a state there, of the conversation `keep` or of a beginning; its name."""
    folder.make()
    conversation = conversation_digest(keep) if keep else ""
    header, data = pack(
        "conversation" if keep else "prefix", SETUP, tokens, bytearray(packed(tokens) + body),
        parting=0, conversation=conversation, model="tiny", key=key,
    )  # fmt: skip
    name = (
        conversation_name(conversation, SETUP.base_sha256, sealed=bool(key))
        if keep
        else prefix_name(SETUP.base_sha256, tokens_digest(tokens), sealed=bool(key))
    )
    folder.save(name, header, data, folder.marks(conversation))
    return name


def files(folder: Path) -> set[str]:
    """The states; not the notes on them."""
    return {path.name for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("gone-", "why-"))}
