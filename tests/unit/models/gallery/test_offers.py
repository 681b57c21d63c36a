"""The curated list is what it says: confirmed, licensed, of all sizes, without invented digests."""

import re
from pathlib import Path

import pytest

from models.errors import CatalogBadError, UnknownModelError
from models.gallery import Offer, offer_named, offers, version
from models.gallery.offers import FILE
from models.worker.library import load

ALL = offers()


def test_the_list_has_a_version_and_a_score_of_models_by_size() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", version())
    assert 15 <= len(ALL) <= 20
    assert [offer.size_bytes for offer in ALL] == sorted(offer.size_bytes for offer in ALL)
    assert ALL[0].parameters < 1e9
    assert 25e9 < max(offer.parameters for offer in ALL) <= 31e9


def test_dense_and_mixtures_are_there_and_read_what_works_on_a_token() -> None:
    mixtures = [offer for offer in ALL if offer.mixture]
    assert 3 <= len(mixtures) < len(ALL)
    assert all(offer.bytes_a_token < offer.size_bytes / 2 for offer in mixtures)
    assert all(offer.bytes_a_token == offer.size_bytes for offer in ALL if not offer.mixture)


@pytest.mark.parametrize("offer", ALL, ids=lambda offer: offer.name)
def test_every_entry_is_free_confirmed_and_honest_about_tools(offer: Offer) -> None:
    assert offer.licence in ("Apache-2.0", "MIT")
    assert offer.confirmed
    assert offer.tools_about
    assert offer.tools_source
    if offer.tools in ("good", "fair"):
        assert "gorilla.cs.berkeley.edu" in offer.tools_source
    assert offer.file.endswith(".gguf")
    assert "-of-0" not in offer.file
    bits = offer.size_bytes * 8 / offer.parameters
    assert 3 < bits < 10, "size and parameters do not fit each other"


def test_names_files_and_repositories_are_told_apart() -> None:
    for field in ("name", "file", "repository"):
        assert len({getattr(offer, field) for offer in ALL}) == len(ALL)


def test_no_digest_is_in_the_list() -> None:
    assert not re.search("[0-9a-f]{40}", FILE.read_text())


def test_the_architectures_are_those_of_the_llama_cpp_at_hand() -> None:
    library = Path(str(load().__file__)).parent / "lib" / "libllama.so"
    if not library.exists():
        pytest.skip("another system names its library otherwise")
    known = library.read_bytes()
    assert not [offer.architecture for offer in ALL if b"\0" + offer.architecture.encode() + b"\0" not in known]


def test_an_address_is_hugging_faces_own() -> None:
    assert offer_named("qwen3-8b").address({}) == (
        "https://huggingface.co/Qwen/Qwen3-8B-GGUF/resolve/main/Qwen3-8B-Q4_K_M.gguf"
    )


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UnknownModelError, match="Did you mean 'gpt-oss-20b'"):
        offer_named("GPT-OSS-20")


GOOD = """schema = 1
[[model]]
name = "one"
title = "One"
publisher = "Somebody"
repository = "some/body"
file = "one.gguf"
size_bytes = 1
licence = "MIT"
architecture = "llama"
parameters = 2
context = 3
thinks = "never"
languages = "English"
tools = "weak"
tools_about = "a"
tools_source = "b"
confirmed = ["c"]
"""


def test_a_list_of_that_form_is_read(tmp_path: Path) -> None:
    file = tmp_path / "gallery.toml"
    file.write_text(GOOD)
    assert [offer.name for offer in offers(file)] == ["one"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [('name = "one"', 'name = "O n e"', "a name that"), ("some/body", "../../x", "a repository that"),
     ("one.gguf", "../one.gguf", "a file that"), ("size_bytes = 1", "size_bytes = 0", "a size_bytes that"),
     ('"weak"', '"superb"', "a tools that"), ('["c"]', "[]", "a confirmed that"), ('title = "One"', "", "missing"),
     ('title = "One"', 'title = "One"\nsha = "x"', "unknown field 'sha'"), ("schema = 1", "schema = 2", "another form"),
     ("schema = 1", "schema =", "cannot be read")],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "gallery.toml"
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(CatalogBadError, match=words) as caught:
        offers(file)
    assert caught.value.where == str(file)
