"""More than two hundred damaged models: none takes this process down, each is refused in words or simply works."""

import random
import struct
from pathlib import Path

import pytest

from models.contracts import ChatRequest, Message
from models.errors import ModelError, ModelFileBadError
from models.gguf_check import check
from models.host import Limits, ModelHost

COUNT = 205
REQUEST = ChatRequest((Message("user", "hello"),), max_tokens=2, temperature=0)


def mutate(good: bytes, rng: random.Random) -> bytes:
    data = bytearray(good)
    match rng.randrange(6):
        case 0:  # flipped bits in the header
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(4, 7000)] ^= 1 << rng.randrange(8)
        case 1:  # cut
            del data[rng.randrange(len(data)) :]
        case 2:  # a number of the header made absurd
            struct.pack_into("<Q", data, rng.randrange(4, 7000), rng.choice((0, 2**31, 2**32 - 1, 2**63, 2**64 - 1)))
        case 3:  # a stretch overwritten
            start = rng.randrange(len(data) - 64)
            data[start : start + 64] = rng.randbytes(64)
        case 4:  # a stretch lost
            start = rng.randrange(len(data) - 64)
            del data[start : start + rng.randint(1, 64)]
        case 5:  # a key of the header renamed or its value changed, which llama.cpp must catch
            key = rng.choice((b"head_count", b"block_count", b"embedding_length", b"tokens", b"blk.0", b"output"))
            at = data.find(key)
            data[at + rng.randrange(len(key) + 12)] = rng.randrange(256)
    return bytes(data)


@pytest.mark.timeout(120)
def test_no_damaged_model_takes_the_host_down(tmp_path: Path, tiny_chat: Path) -> None:
    rng = random.Random(20261123)
    good = tiny_chat.read_bytes()
    refused = worked = failed = 0
    for number in range(COUNT):
        file = tmp_path / f"{number}.gguf"
        file.write_bytes(mutate(good, rng))
        try:
            check(file)
        except ModelFileBadError:
            refused += 1
            continue
        complaint = complaint_of(file)
        if complaint is None:
            worked += 1
        else:
            failed += 1
            assert complaint.what.strip("."), file
            assert complaint.todo, file
    assert refused >= 90
    assert worked > 0
    assert failed > 0


def complaint_of(file: Path) -> ModelError | None:
    """What it says when it does not answer."""
    host = ModelHost(file, limits=Limits(backoff_s=(0.0,)))
    try:
        assert list(host.chat(REQUEST))
    except ModelError as error:
        return error
    finally:
        host.close()
    return None
