"""A home folder in which programs keep models, and GGUFs that are no models."""

from collections.abc import Callable
from pathlib import Path

import pytest
from gguf import GGUFWriter, PoolingType

Put = Callable[[str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def put(home: Path, tiny_chat: Path) -> Put:
    """A model of its own at a place in the home folder."""

    def put(where: str) -> Path:
        file = home / where
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(tiny_chat.read_bytes())
        return file

    return put


def write_serving_gguf(path: Path, *, role: str = "model", architecture: str = "clip", pooling: int = 0) -> Path:
    """A GGUF that serves a model: a projector, an adapter, one that marks answers (`pooling` 4)."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(str(path), architecture)
    writer.add_type(role)
    if pooling:
        writer.add_pooling_type(PoolingType(pooling))
    writer.add_tensor("v.weight", np.zeros((4, 4), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_part(path: Path, number: int, parts: int) -> Path:
    """One file of a model in several; `number` counts from 1."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(str(path), "llama")
    writer.add_uint16("split.no", number - 1)
    writer.add_uint16("split.count", parts)
    writer.add_tensor(f"blk.{number}.weight", np.zeros((8, 8), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
