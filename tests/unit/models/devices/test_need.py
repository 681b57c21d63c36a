"""What a model needs by its header, against what llama.cpp says that it took."""

import ctypes
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.devices.need import need_of
from models.devices.parts import parts_of
from models.errors import ModelFileBadError
from models.gguf_read import Tensor, Walked, walk
from models.worker import library
from tests.shapes import SHAPES, write_shape

MEGABYTE = 1024 * 1024
FAMILIES = sorted(name for name in SHAPES if name.endswith("-tiny"))
ROUNDING = 0.01 * MEGABYTE  # of what is printed
ALIGNMENT = 4_096  # bytes that may lie between two tensors
KEPT: list[Any] = []  # what C calls when it has something to say


def walked(path: Path) -> Walked:
    with path.open("rb") as file:
        return walk(file)


def taken(path: Path, n_ctx: int, batch: int) -> dict[str, float]:
    """Bytes by kind of buffer, as llama.cpp prints them while it opens the model."""
    lib: Any = library.load()
    said: list[str] = []
    heard = lib.llama_log_callback(lambda _level, text, _data: said.append(text.decode()))
    lib.llama_backend_init()
    lib.llama_log_set(heard, ctypes.c_void_p(0))
    weights = lib.llama_model_default_params()
    weights.use_extra_bufts = False
    model = lib.llama_model_load_from_file(str(path).encode(), weights)
    settings = lib.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_ubatch, settings.n_threads = n_ctx, batch, batch, 1
    settings.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_DISABLED  # as the engine has it on a processor
    context = lib.llama_init_from_model(model, settings)
    lib.llama_free(context)
    lib.llama_model_free(model)
    KEPT.append(library.listen(lib))
    found = re.findall(r"(model|KV|RS|compute) buffer size =\s+([\d.]+) MiB", "".join(said))
    return {
        kind: sum(float(size) for its, size in found if its == kind) * MEGABYTE
        for kind in ("model", "KV", "RS", "compute")
    }


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(("n_ctx", "batch"), [(512, 128), (4_096, 128), (2_048, 512)])
def test_it_is_what_llama_cpp_takes(tmp_path: Path, name: str, n_ctx: int, batch: int) -> None:
    path = write_shape(tmp_path / "model.gguf", name)
    need = need_of([(walked(path), path.stat().st_size)], n_ctx=n_ctx, batch=batch)
    real = taken(path, n_ctx, batch)
    weights = need.input + need.output_here + sum(layer.weights for layer in need.layers)
    cache = sum(layer.cache for layer in need.layers)
    assert len(need.layers) == SHAPES[name].layers
    assert weights == pytest.approx(real["model"], abs=ROUNDING + ALIGNMENT * 100)
    assert cache == pytest.approx(real["KV"] + real["RS"], abs=2 * ROUNDING)
    computing = need.compute + need.scores + need.output_compute
    assert real["compute"] <= computing + ROUNDING
    assert need.memory(0) == (weights + cache + computing, cache + computing)


def test_a_context_longer_than_the_models_own_costs_no_more(tmp_path: Path) -> None:
    path = write_shape(tmp_path / "model.gguf", "llama-tiny")
    parts = [(walked(path), path.stat().st_size)]
    assert need_of(parts, n_ctx=10**9, batch=128) == need_of(parts, n_ctx=SHAPES["llama-tiny"].context, batch=128)


def test_what_is_on_a_card_is_not_in_memory(tmp_path: Path) -> None:
    path = write_shape(tmp_path / "model.gguf", replace(SHAPES["llama-tiny"], tied=True))
    need = need_of([(walked(path), path.stat().st_size)], n_ctx=512, batch=128)
    assert need.output > need.input > need.output_here  # a card holds the words a second time
    assert need.memory(2) == (need.compute + need.input, need.compute)
    assert need.memory(1)[0] == need.compute + need.input + need.layers[0].bytes


def header(tensors: tuple[Tensor, ...], **values: Any) -> Walked:
    named = {f"m.{key.replace('__', '.')}": value for key, value in values.items()}
    return Walked(3, {"general.architecture": "m", **named}, tensors, b"", 100)


def test_a_fused_projection_remembers_only_its_keys_and_values() -> None:
    tensors = (Tensor("blk.0.attn_qkv.weight", (512, 768), 0, 0),)
    known = header(tensors, block_count=1, embedding_length=512, attention__head_count=8, attention__head_count_kv=2)
    assert need_of([(known, 10**6)], n_ctx=256, batch=1).layers[0].cache == 2 * (64 + 64) * 256 * 2
    unknown = header(tensors, block_count=1, embedding_length=512)
    assert need_of([(unknown, 10**6)], n_ctx=256, batch=1).layers[0].cache == 768 * 256 * 2


def test_absurd_headers_are_counted_within_bounds() -> None:
    tensors = (
        Tensor("blk.999.attn_k.weight", (2**60, 2**60), 77, 2**63),
        Tensor("blk.7.ssm_x.weight", (), 0, 0),
        Tensor("token_embd.weight", (1, 2**40), 0, 50),
    )
    values = {"block_count": 2**63, "context_length": -5, "embedding_length": "many", "attention__head_count": True}
    need = need_of([(header(tensors, **values), 1_000)], n_ctx=256, batch=1)
    assert len(need.layers) == 512
    assert need.input + need.output_here + sum(layer.weights for layer in need.layers) <= 1_000
    assert need.n_ctx == 256


def test_all_files_of_a_split_model_count(tmp_path: Path) -> None:
    whole = write_shape(tmp_path / "big-00001-of-00002.gguf", "llama-tiny")
    rest = write_shape(tmp_path / "big-00002-of-00002.gguf", "llama-tiny", seed=8)
    one = need_of(parts_of(whole, walked(whole), 1), n_ctx=512, batch=128)
    both = need_of(parts_of(whole, walked(whole), 2), n_ctx=512, batch=128)
    assert both.layers[0].weights == 2 * one.layers[0].weights
    rest.write_bytes(b"GGUF")
    with pytest.raises(ModelFileBadError, match="A part of this model cannot be read: it ends in the middle"):
        parts_of(whole, walked(whole), 2)
    rest.unlink()
    with pytest.raises(ModelFileBadError, match="A part of this model is missing") as caught:
        parts_of(whole, walked(whole), 2)
    assert caught.value.where == str(rest)


def test_a_name_that_claims_a_million_parts_is_not_followed(tmp_path: Path) -> None:
    path = write_shape(tmp_path / "big-00001-of-99999.gguf", "llama-tiny")
    assert len(parts_of(path, walked(path), 99_999)) == 1


def test_a_long_context_on_a_processor_keeps_no_scores() -> None:
    values = {"block_count": 1, "embedding_length": 512, "attention__head_count": 8}
    parts = [(header((Tensor("blk.0.attn_k.weight", (512, 512), 0, 0),), **values), 10**6)]
    short, long = need_of(parts, n_ctx=16_384, batch=128), need_of(parts, n_ctx=16_640, batch=128)
    assert short.memory(0)[1] - long.memory(0)[1] > short.scores / 2 > 0
