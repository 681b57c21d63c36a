"""Each program's real folders, built in a temporary home: what lies there is found, once, under a name that tells."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from models.found import Finds, look, places
from tests.unit.models.found.conftest import Put, write_serving_gguf


def found(home: Path, environ: dict[str, str] | None = None, system: str = "linux") -> Finds:
    own = [place for place in places(environ or {}, home, system) if home.parent in place.folder.parents]
    return look(own)


def told(finds: Finds) -> list[tuple[str, str]]:
    return [(one.program, one.name) for one in finds.models]


@pytest.mark.parametrize("base", [".lmstudio/models", ".cache/lm-studio/models"])
def test_lm_studio(home: Path, put: Put, base: str) -> None:
    file = put(f"{base}/lmstudio-community/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf")
    write_serving_gguf(file.with_name("mmproj-Qwen3-8B-F16.gguf"))
    finds = found(home)
    assert told(finds) == [("LM Studio", "Qwen3-8B-Q4_K_M")]
    assert finds.models[0].path == file
    assert [(one.path.name, "pictures" in one.why) for one in finds.left_out] == [("mmproj-Qwen3-8B-F16.gguf", True)]


def test_lm_studio_with_its_home_or_its_models_elsewhere(home: Path, put: Put) -> None:
    put("big/studio/models/me/mine/mine.gguf")
    put("disk/models/me/other/other.gguf")
    (home / ".lmstudio-home-pointer").write_text(f"{home}/big/studio\n")
    (home / "big/studio/settings.json").write_text(json.dumps({"downloadsFolder": f"{home}/disk/models"}))
    assert sorted(told(found(home))) == [("LM Studio", "mine"), ("LM Studio", "other")]


def ollama(folder: Path, name: str, data: bytes, *, kind: str = "model", keep: bool = True, old: bool = False) -> Path:
    digest = hashlib.sha256(data).hexdigest()
    manifest = folder / "manifests" / name
    manifest.parent.mkdir(parents=True, exist_ok=True)
    layer = {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}
    licence = {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:" + "0" * 64, "size": 3}
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": [licence, layer]}))
    blob = folder / "blobs" / f"sha256{':' if old else '-'}{digest}"
    blob.parent.mkdir(parents=True, exist_ok=True)
    if keep:
        blob.write_bytes(data)
    return blob


def test_ollama_blobs_are_found_by_the_names_of_their_manifests(home: Path, tiny_chat: Path) -> None:
    folder, data = home / ".ollama/models", tiny_chat.read_bytes()
    blob = ollama(folder, "registry.ollama.ai/library/llama3.2/3b", data)
    ollama(folder, "registry.ollama.ai/library/llama3.2/latest", data)
    ollama(folder, "hf.co/bartowski/Qwen3-GGUF/Q4_K_M", data)
    (one,) = found(home).models
    assert (one.program, one.path) == ("Ollama", blob)
    assert {one.name, *(other.partition(": ")[2] for other in one.also)} == {
        "llama3.2:3b", "llama3.2:latest", "hf.co/bartowski/Qwen3-GGUF:Q4_K_M",
    }  # fmt: skip
    assert one.said_sha256 == hashlib.sha256(data).hexdigest()


def test_ollama_older_blobs_missing_blobs_and_projectors(home: Path, tiny_chat: Path) -> None:
    folder = home / "elsewhere"
    ollama(folder, "registry.ollama.ai/library/old/7b", tiny_chat.read_bytes(), old=True)
    ollama(folder, "registry.ollama.ai/library/gone/7b", b"gone", keep=False)
    ollama(folder, "registry.ollama.ai/library/eyes/7b", b"GGUF eyes", kind="projector")
    finds = found(home, {"OLLAMA_MODELS": str(folder)})
    assert told(finds) == [("Ollama", "old:7b")]
    whys = " ".join(one.why for one in finds.left_out)
    assert "gone:7b, but its file is not there" in whys
    assert "pictures" in whys


@pytest.mark.parametrize("text", ["", "{", "[]", '{"layers": 3}', '{"layers": [3, {"digest": 5}]}'])
def test_a_manifest_that_makes_no_sense_is_passed_over(home: Path, text: str) -> None:
    manifest = home / ".ollama/models/manifests/a/b/c/d"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(text)
    assert found(home) == Finds((), (), (f"Ollama: {home}/.ollama/models",))


@pytest.mark.parametrize(
    ("system", "base"),
    [("linux", ".local/share/nomic.ai/GPT4All"), ("darwin", "Library/Application Support/nomic.ai/GPT4All"),
     ("win32", "AppData/Local/nomic.ai/GPT4All"), ("linux", ".cache/gpt4all")],
)  # fmt: skip
def test_gpt4all(home: Path, put: Put, system: str, base: str) -> None:
    put(f"{base}/Llama-3.2-1B-Instruct-Q4_0.gguf")
    assert told(found(home, system=system)) == [("GPT4All", "Llama-3.2-1B-Instruct-Q4_0")]


@pytest.mark.parametrize(
    ("system", "base"),
    [("linux", ".config/Jan/data/llamacpp/models"), ("linux", ".local/share/Jan/data/llamacpp/models"),
     ("darwin", "Library/Application Support/Jan/data/llamacpp/models"),
     ("win32", "AppData/Roaming/Jan/data/llamacpp/models"), ("linux", "jan/models")],
)  # fmt: skip
def test_jan_names_its_models_by_their_folder(home: Path, put: Put, system: str, base: str) -> None:
    put(f"{base}/Qwen3-4B-Q4_K_M/model.gguf")
    assert told(found(home, system=system)) == [("Jan", "Qwen3-4B-Q4_K_M")]


def test_jan_with_its_data_elsewhere(home: Path, put: Put) -> None:
    put("disk/jan/llamacpp/models/mine/model.gguf")
    settings = home / ".config/Jan/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"data_folder": f"{home}/disk/jan"}))
    assert told(found(home)) == [("Jan", "mine")]


def hub(cache: Path, data: bytes, file: str, revision: str = "abc") -> Path:
    digest = hashlib.sha256(data).hexdigest()
    repository = cache / "models--unsloth--Qwen3-8B-GGUF"
    (repository / "blobs").mkdir(parents=True, exist_ok=True)
    (repository / "blobs" / digest).write_bytes(data)
    snapshot = repository / "snapshots" / revision / file
    snapshot.parent.mkdir(parents=True, exist_ok=True)
    snapshot.symlink_to(os.path.relpath(repository / "blobs" / digest, snapshot.parent))
    return snapshot


@pytest.mark.parametrize(
    ("environ", "base"),
    [({}, ".cache/huggingface/hub"), ({"HF_HUB_CACHE": "{home}/a"}, "a"), ({"HF_HOME": "{home}/b"}, "b/hub"),
     ({"HUGGINGFACE_HUB_CACHE": "{home}/c"}, "c"), ({"XDG_CACHE_HOME": "{home}/d"}, "d/huggingface/hub"),
     ({"HF_HOME": "~/e"}, "e/hub")],
)  # fmt: skip
def test_hugging_face_snapshots_are_links_and_each_file_counts_once(
    home: Path, tiny_chat: Path, environ: dict[str, str], base: str
) -> None:
    data = tiny_chat.read_bytes()
    first = hub(home / base, data, "Qwen3-8B-Q4_K_M.gguf")
    second = hub(home / base, data, "Qwen3-8B-Q4_K_M.gguf", "def")
    (one,) = found(home, {name: value.format(home=home) for name, value in environ.items()}).models
    assert (one.program, one.name, one.path) == ("Hugging Face", "Qwen3-8B-Q4_K_M", first)
    assert one.also == (str(second),)


@pytest.mark.parametrize(
    ("system", "environ", "base"),
    [("linux", {}, ".cache/llama.cpp"), ("linux", {"XDG_CACHE_HOME": "{home}/x"}, "x/llama.cpp"),
     ("darwin", {}, "Library/Caches/llama.cpp"), ("win32", {}, "AppData/Local/llama.cpp"),
     ("win32", {"LOCALAPPDATA": "{home}/l"}, "l/llama.cpp"), ("linux", {"LLAMA_CACHE": "{home}/y"}, "y")],
)  # fmt: skip
def test_llama_cpp(home: Path, put: Put, system: str, environ: dict[str, str], base: str) -> None:
    put(f"{base}/ggml-org_SmolLM3-3B-GGUF_SmolLM3-Q4_K_M.gguf")
    given = {name: value.format(home=home) for name, value in environ.items()}
    assert told(found(home, given, system)) == [("llama.cpp", "ggml-org_SmolLM3-3B-GGUF_SmolLM3-Q4_K_M")]


def test_one_file_in_two_programs_is_one_model(home: Path, put: Put) -> None:
    file = put(".lmstudio/models/me/mine/mine.gguf")
    other = home / ".local/share/nomic.ai/GPT4All/mine.gguf"
    other.parent.mkdir(parents=True)
    os.link(file, other)
    linked = home / "jan/models/mine/model.gguf"
    linked.parent.mkdir(parents=True)
    linked.symlink_to(file)
    (one,) = found(home).models
    assert (one.program, one.path) == ("LM Studio", file)
    assert set(one.also) == {str(other), str(linked)}


def test_no_place_is_named_twice_and_none_has_to_exist(home: Path) -> None:
    for system in ("linux", "darwin", "win32"):
        folders = [place.folder for place in places({}, home, system)]
        assert len(folders) == len(set(folders))
    assert found(home) == Finds((), (), ())
