"""Which models are offered, and which one a name means."""

from pathlib import Path

import pytest

from app.serve.errors import Refusal
from app.serve.offers import Offers
from models.catalog import KnownModel
from models.contracts import ModelPort
from models.scripted import Scripted

STARTER = KnownModel("starter", Path("/m/starter.gguf"), "aa", "starter", 1)
PARROT = KnownModel("parrot", Path("/m/parrot.gguf"), "bb", "chat", 1, "2026-11-25T10:00:00Z")
GONE = KnownModel("gone", Path("/m/gone.gguf"), "cc", "chat", 0, "", "There is no such file.")


def offers(*known: KnownModel, chosen: str = "parrot") -> Offers:
    def opened(name: str) -> ModelPort:
        return Scripted([name])

    return Offers(lambda: known, opened, chosen)


def test_a_file_that_is_gone_is_not_offered() -> None:
    assert [offer.name for offer in offers(STARTER, PARROT, GONE).list()] == ["starter", "parrot"]
    with pytest.raises(Refusal, match="No model is called 'gone'"):
        offers(STARTER, PARROT, GONE).find("gone")


def test_unless_it_is_chosen_then_it_says_itself_what_is_wrong() -> None:
    assert offers(STARTER, GONE, chosen="gone").find("").name == "gone"


@pytest.mark.parametrize("chosen", ["parrot", "/m/parrot.gguf"])
@pytest.mark.parametrize("name", ["", "default", "parrot"])
def test_the_chosen_one_is_found_by_its_name_and_by_none(chosen: str, name: str) -> None:
    found = offers(STARTER, PARROT, chosen=chosen).find(name)
    assert (found.name, found.chosen, found.created, found.fingerprint) == ("parrot", True, 1_795_600_800, "fp_bb")


def test_a_file_that_was_chosen_by_its_path_alone_is_offered_by_its_name() -> None:
    some = offers(STARTER, chosen="/elsewhere/owl.gguf")
    assert [offer.name for offer in some.list()] == ["starter", "owl"]
    assert some.find("owl") == some.find("")
    assert some.find("").opens == "/elsewhere/owl.gguf"


@pytest.mark.parametrize("name", ["/m/parrot.gguf", "../parrot.gguf", "~/parrot.gguf", "parrot.gguf", "PARROT"])
def test_no_other_way_to_a_file(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        offers(STARTER, PARROT).find(name)
    assert (caught.value.status, caught.value.param) == (404, "model")


def test_one_that_is_called_default_is_meant_by_that_name() -> None:
    default = KnownModel("default", Path("/m/d.gguf"), "dd", "chat", 1)
    assert offers(STARTER, PARROT, default).find("default").sha256 == "dd"
