"""Saved states with the real engine: the logits are those of a cold reading, or the state is not used."""

import dataclasses
from pathlib import Path

import pytest

from models.contracts import Message
from models.snapshots.folder import Snapshots
from models.snapshots.key import DIFFERENCES, Setup, conversation_digest
from models.snapshots.terms import OFF, Terms
from models.worker.early import read_early
from models.worker.engine import CHUNK
from models.worker.keeping import TOKENS_MIN, USELESS
from tests.tiny_gguf import write_tiny_gguf
from tests.tiny_memories import write_tiny_mamba, write_tiny_sliding
from tests.unit.models.snapshots.sample import files
from tests.unit.models.worker.talker import ANSWER, KEPT, KEY, LONG, MORE, SYSTEM, Talker, render, stay

KINDS = {"dense": write_tiny_gguf, "recurrent": write_tiny_mamba, "sliding": write_tiny_sliding}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def gguf(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return KINDS[kind](tmp_path_factory.mktemp("models") / f"{kind}.gguf", context=4096)  # type: ignore[operator]


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "dense.gguf", context=4096)


@pytest.fixture
def folder(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "states", free=lambda _folder: 10**12)


def test_a_conversation_is_taken_up_by_the_next_process(gguf: Path, kind: str, folder: Snapshots) -> None:
    first = Talker(gguf, folder).ask(SYSTEM, LONG)
    assert (first["restored"], first["note"]) == (0, "")
    then = (SYSTEM, LONG, ANSWER, MORE)
    second = Talker(gguf, folder)
    went_on = second.ask(*then)
    kept = second.whole(SYSTEM, LONG)
    assert (went_on["reused"], went_on["restored"], went_on["note"]) == (kept, kept, "")
    assert went_on["evaluated"] == len(render(then)) - kept
    difference = max(abs(a - b) for a, b in zip(went_on["logits"], second.cold(*then), strict=True))
    assert difference == 0 if kind == "dense" else difference < 1e-4


def test_the_shared_beginning_serves_another_conversation(gguf: Path, folder: Snapshots) -> None:
    Talker(gguf, folder).ask(SYSTEM, Message("user", "hi"), keep="")
    other = Talker(gguf, folder)
    asked = other.ask(SYSTEM, LONG, keep="")
    assert asked["restored"] == other.beginning > 2 * CHUNK
    assert asked["logits"] == pytest.approx(other.cold(SYSTEM, LONG), abs=1e-4)
    assert len(files(folder.folder)) == 1


def test_it_is_there_before_anything_is_asked(gguf: Path, kind: str, folder: Snapshots) -> None:
    first = Talker(gguf, folder)
    first.ask(SYSTEM, MORE, keep="")
    other = Talker(gguf, folder)
    assert other.warm() == first.beginning
    asked = other.ask(SYSTEM, LONG, keep="")
    assert asked["restored"] == first.beginning
    assert asked["logits"] == pytest.approx(other.cold(SYSTEM, LONG), abs=1e-4)
    again = other.ask(SYSTEM, LONG, ANSWER, MORE, keep="")
    if kind != "recurrent":  # by now it is this process's own; a recurrent state cannot go back, and is loaded again
        assert again["restored"] == 0


def test_other_text_in_the_middle_is_never_taken_for_the_same(gguf: Path, kind: str, folder: Snapshots) -> None:
    """A plain cache goes back to where the texts part; a window or a recurrent state cannot, and is read anew."""
    Talker(gguf, folder).ask(SYSTEM, LONG)
    changed = (SYSTEM, dataclasses.replace(LONG, text=LONG.text[:300] + "Stop. " * 60))
    other = Talker(gguf, folder)
    asked = other.ask(*changed)
    assert asked["restored"] == (other.beginning + 2 * CHUNK if kind == "dense" else other.beginning)
    assert asked["note"] == ""
    assert asked["logits"] == pytest.approx(other.cold(*changed), abs=1e-4)


def test_in_one_process_nothing_is_loaded_that_is_there(gguf: Path, folder: Snapshots) -> None:
    talker = Talker(gguf, folder)
    talker.ask(SYSTEM, LONG)
    again = talker.ask(SYSTEM, LONG, ANSWER, MORE)
    assert again["reused"] >= talker.whole(SYSTEM, LONG)
    assert again["note"] == ""
    assert again["logits"] == pytest.approx(talker.cold(SYSTEM, LONG, ANSWER, MORE), abs=1e-4)


OTHERS = {"adapter_scale": 0.5, "n_ctx": 2048, "threads": 7}
CHANGED = [field.name for field in dataclasses.fields(Setup) if field.name not in ("base_sha256", "sealed_by")]


@pytest.mark.parametrize("part", CHANGED)
def test_any_difference_is_refused_and_named(dense: Path, folder: Snapshots, part: str) -> None:
    Talker(dense, folder).ask(SYSTEM, LONG)
    value = OTHERS.get(part, "another")
    other = Talker(dense, folder, change=lambda setup: dataclasses.replace(setup, **{part: value}))
    asked = other.ask(SYSTEM, LONG)
    assert (asked["reused"], asked["restored"]) == (0, 0)
    assert DIFFERENCES[part] in asked["note"]
    assert asked["note"].count("not used") == 1
    assert Talker(dense, folder).ask(SYSTEM, LONG)["restored"] == 0  # the newer state has taken its place


@pytest.mark.parametrize(("option", "words"), [({"n_ctx": 2048}, "context length"), ({"careful": False}, "processor")])
def test_a_model_really_loaded_otherwise_is_refused(
    dense: Path, folder: Snapshots, option: dict[str, object], words: str
) -> None:
    Talker(dense, folder).ask(SYSTEM, LONG)
    asked = Talker(dense, folder, **option).ask(SYSTEM, LONG)
    assert asked["restored"] == 0
    assert words in asked["note"]


def test_another_model_has_states_of_its_own_and_a_renamed_one_is_refused(dense: Path, folder: Snapshots) -> None:
    Talker(dense, folder).ask(SYSTEM, LONG)
    asked = Talker(dense, folder, base="cd" * 32).ask(SYSTEM, LONG)
    assert (asked["restored"], asked["note"]) == (0, "")
    assert len(files(folder.folder)) == 4
    for entry in folder.entries():
        entry.path.replace(entry.path.with_name(entry.name.replace("ab" * 6, "ef" * 6)))
    asked = Talker(dense, folder, base="ef" * 32).ask(SYSTEM, LONG)
    assert asked["restored"] == 0
    assert DIFFERENCES["base_sha256"] in asked["note"]


def test_without_a_digest_of_the_model_nothing_is_kept(dense: Path, folder: Snapshots) -> None:
    Talker(dense, folder, base="").ask(SYSTEM, LONG)
    assert files(folder.folder) == set()


@pytest.mark.parametrize("place", [0, 9, 20, 300, 2_000, -1])
def test_a_damaged_state_is_put_aside_and_the_text_read(gguf: Path, folder: Snapshots, place: int) -> None:
    Talker(gguf, folder).ask(SYSTEM, LONG)
    for entry in folder.entries():
        data = bytearray(entry.path.read_bytes())
        data[place] ^= 1
        entry.path.write_bytes(data)
    damaged = len(folder.entries())
    other = Talker(gguf, folder)
    asked = other.ask(SYSTEM, LONG)
    assert (asked["reused"], asked["restored"]) == (0, 0)
    assert "damaged" in asked["note"]
    assert sum(entry.aside for entry in folder.entries()) == damaged
    assert asked["logits"] == other.cold(SYSTEM, LONG)
    assert Talker(gguf, folder).ask(SYSTEM, LONG)["restored"] > 0  # it was written anew


def test_a_cut_state_that_is_met_at_the_start(dense: Path, folder: Snapshots) -> None:
    Talker(dense, folder).ask(SYSTEM, LONG, keep="")
    (entry,) = folder.entries()
    with entry.path.open("r+b") as file:
        file.truncate(entry.bytes // 2)
    other = Talker(dense, folder)
    assert other.warm() == 0
    asked = other.ask(SYSTEM, LONG, keep="")
    assert "cut short" in asked["note"]
    assert asked["logits"] == other.cold(SYSTEM, LONG)


def test_a_state_that_is_purged_while_the_model_is_read_is_not_taken_up(dense: Path, folder: Snapshots) -> None:
    Talker(dense, folder).ask(SYSTEM, LONG, keep="")
    other = Talker(dense, folder)
    early = read_early(folder, other.base)
    assert early is not None
    folder.clear()
    assert other.keeping.warm(lambda: early) == 0
    assert other.engine.held == []
    assert folder.entries() == []


def test_a_sealed_state_waits_for_the_key_that_comes_with_the_first_chat(dense: Path, folder: Snapshots) -> None:
    sealed = Terms("encrypted", KEY)
    Talker(dense, folder).ask(SYSTEM, LONG, keep="", terms=sealed)
    other = Talker(dense, folder)
    assert other.warm() == 0
    asked = other.ask(SYSTEM, LONG, keep="", terms=sealed)
    assert (asked["restored"], asked["note"]) == (other.beginning, "")


def test_what_is_met_at_the_start_and_differs_is_refused_with_its_reason(dense: Path, folder: Snapshots) -> None:
    Talker(dense, folder).ask(SYSTEM, LONG, keep="")
    other = Talker(dense, folder, n_ctx=2048)
    assert other.warm() == 0
    assert DIFFERENCES["n_ctx"] in other.ask(SYSTEM, LONG, keep="")["note"]


def test_bytes_that_llama_would_not_have_are_put_aside(dense: Path, folder: Snapshots) -> None:
    """All sums are right, and it is nonsense: somebody took the trouble."""
    talker = Talker(dense, folder)
    state = talker.engine.state
    talker.engine.state = lambda before=b"": before + bytes(len(state(before)) - len(before))  # type: ignore[assignment,method-assign,return-value]
    talker.ask(SYSTEM, LONG)
    other = Talker(dense, folder)
    asked = other.ask(SYSTEM, LONG)
    assert (asked["restored"], asked["reused"]) == (0, 0)
    assert "llama.cpp would not take it" in asked["note"]
    assert asked["logits"] == other.cold(SYSTEM, LONG)


def test_a_restore_that_did_not_help_is_counted_told_once_and_given_up(tmp_path: Path, folder: Snapshots) -> None:
    """A recurrent model treated as if its memory could go back: llama.cpp loads the state and cannot use it."""
    path = write_tiny_mamba(tmp_path / "mamba.gguf")
    Talker(path, folder).ask(SYSTEM, LONG)
    for entry in folder.entries():
        if entry.what == "prefix":
            entry.path.unlink()
    elsewhere = (SYSTEM, dataclasses.replace(LONG, text=LONG.text[:300] + "Stop. " * 60))
    other = Talker(path, folder, whole_only=False)
    asked = other.ask(*elsewhere)
    assert (asked["reused"], asked["restored"], asked["note"]) == (0, 0, USELESS)
    assert asked["evaluated"] == len(render(elsewhere))
    assert asked["logits"] == other.cold(*elsewhere)
    again = other.ask(*elsewhere, keep="two")
    assert (again["restored"], again["note"]) == (0, "")
    later = Talker(path, folder)
    assert later.warm() == 0
    asked = later.ask(SYSTEM, LONG)
    assert (asked["restored"], asked["note"]) == (0, "")


def test_a_short_conversation_is_not_worth_a_file(dense: Path, folder: Snapshots) -> None:
    Talker(dense, folder).ask(Message("user", "hello"))
    assert files(folder.folder) == set()


def written(folder: Snapshots) -> int:
    """Tokens in the file of the only conversation."""
    (entry,) = (entry for entry in folder.entries() if entry.what == "conversation")
    header = folder.header(entry.name)
    assert header is not None
    return header.tokens


def test_it_is_written_again_only_when_much_is_new(dense: Path, folder: Snapshots) -> None:
    talker = Talker(dense, folder)
    thread = [SYSTEM, LONG]
    talker.ask(*thread)
    first = written(folder)
    thread += [ANSWER, MORE]
    talker.ask(*thread)
    assert 0 < len(render(thread)) - first < TOKENS_MIN
    assert written(folder) == first
    thread += [LONG, MORE]
    talker.ask(*thread)
    assert written(folder) == talker.whole(*thread)


def test_of_a_large_state_a_quarter_must_be_new(
    dense: Path, folder: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.worker.keeping.SMALL_BYTES", 0)
    talker = Talker(dense, folder)
    thread = [SYSTEM, LONG]
    talker.ask(*thread)
    first = written(folder)
    thread += [ANSWER, *[MORE] * 5]
    talker.ask(*thread)
    assert TOKENS_MIN <= talker.whole(*thread) - first < len(render(thread)) / 4
    assert written(folder) == first
    thread += [LONG, MORE]
    talker.ask(*thread)
    assert written(folder) == talker.whole(*thread)


def test_sealed_states_need_their_key(gguf: Path, folder: Snapshots) -> None:
    sealed = Terms("encrypted", KEY)
    Talker(gguf, folder).ask(SYSTEM, LONG, terms=sealed)
    assert all(name.endswith(".sealed") for name in files(folder.folder))
    assert all(b"Tell me of the sea" not in entry.path.read_bytes() for entry in folder.entries())
    again = Talker(gguf, folder)
    asked = again.ask(SYSTEM, LONG, ANSWER, MORE, terms=sealed)
    assert asked["restored"] == again.whole(SYSTEM, LONG)
    assert asked["logits"] == pytest.approx(again.cold(SYSTEM, LONG, ANSWER, MORE), abs=1e-4)
    asked = Talker(gguf, folder).ask(SYSTEM, LONG, terms=Terms("encrypted", bytes(32)))
    assert asked["restored"] == 0
    assert DIFFERENCES["sealed_by"] in asked["note"]


def test_what_may_not_be_kept_is_not_and_what_was_kept_goes(dense: Path, folder: Snapshots) -> None:
    Talker(dense, folder).ask(SYSTEM, LONG)
    assert files(folder.folder)
    talker = Talker(dense, folder)
    asked = talker.ask(SYSTEM, LONG, terms=Terms("none", why="There is no keyring."))
    assert (asked["restored"], asked["note"]) == (0, "There is no keyring.")
    assert files(folder.folder) == set()
    assert talker.ask(SYSTEM, LONG, terms=Terms("none", why="There is no keyring."))["note"] == ""
    assert talker.ask(SYSTEM, LONG, terms=OFF)["note"] == ""


def test_a_state_larger_than_its_share_is_told_and_not_kept(dense: Path, tmp_path: Path) -> None:
    folder = Snapshots(tmp_path / "states", 100_000, free=lambda _folder: 10**12)
    talker = Talker(dense, folder)
    asked = talker.ask(SYSTEM, LONG)
    assert "was not saved" in asked["note"] + talker.ask(SYSTEM, LONG)["note"]
    assert files(folder.folder) == set()


def test_a_folder_that_cannot_be_used_costs_no_answer(dense: Path, tmp_path: Path) -> None:
    (tmp_path / "states").write_text("a file where the folder should be")
    talker = Talker(dense, Snapshots(tmp_path / "states"))
    asked = talker.ask(SYSTEM, LONG)
    assert "could not be loaded" in asked["note"]
    assert asked["logits"] == talker.cold(SYSTEM, LONG)


def test_a_full_disk_costs_no_answer_and_leaves_no_half_file(
    dense: Path, folder: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    talker = Talker(dense, folder)
    monkeypatch.setattr("os.fsync", full)
    asked = talker.ask(SYSTEM, LONG)
    assert asked["logits"] == talker.cold(SYSTEM, LONG)
    assert list(folder.folder.iterdir()) == []
    assert "No space left" in talker.ask(SYSTEM, MORE)["note"]


def test_a_request_that_was_left_half_way_spoils_nothing(gguf: Path, folder: Snapshots) -> None:
    talker = Talker(gguf, folder)
    tokens = render((SYSTEM, LONG))
    talker.begin(tokens, (SYSTEM, LONG), "one", KEPT)
    talker.engine.read(tokens[: talker.beginning + 3 * CHUNK + 5], stay)  # as far as it came
    talker.keeping.settle()
    other = Talker(gguf, folder)
    asked = other.ask(SYSTEM, LONG)
    assert asked["restored"] > 0
    assert asked["logits"] == pytest.approx(other.cold(SYSTEM, LONG), abs=1e-4)


def test_the_budget_of_a_request_is_held_by_a_worker_that_runs(dense: Path, tmp_path: Path) -> None:
    """A third state of the largest size does not fit: what was used longest ago goes."""
    folder = Snapshots(tmp_path / "states")
    talker = Talker(dense, folder)
    talker.ask(SYSTEM, LONG, keep="one")
    before = {entry.name for entry in folder.entries()}
    room = 2 * max(entry.bytes for entry in folder.entries()) + 1_000
    talker.ask(SYSTEM, LONG, keep="two", terms=Terms(room=room))
    assert sum(entry.bytes for entry in folder.entries()) <= room
    assert folder.holds(conversation_digest("two"))
    assert before - {entry.name for entry in folder.entries()}
