"""The fuzzer itself: mutants can be made again, a killed run goes on, and what is wrong is seen to be wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import judging
from tests.fuzz.corpus import corpus
from tests.fuzz.gguf_parts import STRING, pack, parse
from tests.fuzz.judging import CAN_FORK, Judge, Verdict, _from_events, _from_worker
from tests.fuzz.mutations import DAMAGES, mutant
from tests.fuzz.running import Run, Tally

forks = pytest.mark.skipif(not CAN_FORK, reason="the workers are forked")
SECONDS_MAX = 120


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    corpus(folder)
    return folder


@forks
def test_every_good_model_answers(good: Path) -> None:
    """Else a mutant's refusal would say nothing."""
    judge = Judge()
    try:
        for one in corpus(good):
            verdict = judge.judge(good / f"{one.name}.gguf")
            assert verdict.outcome == "answered", (one.name, verdict)
    finally:
        judge.close()


def test_taking_apart_and_putting_together_changes_nothing(good: Path) -> None:
    for one in corpus(good):
        assert pack(parse(one.data)) == one.data


def test_a_mutant_can_be_made_again_and_is_none_of_the_good_ones(good: Path) -> None:
    models = corpus(good)
    for number in range(4 * len(DAMAGES)):
        made = mutant(7, number, models)
        assert made == mutant(7, number, models)
        assert made.damage == list(DAMAGES)[number % len(DAMAGES)]
    different = sum(mutant(7, n, models).data not in [one.data for one in models] for n in range(200))
    assert different > 180


@forks
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.fuzz", "--count", "60", "--seed", "5", "--folder", str(tmp_path)]
    journal = tmp_path / "judged-5.jsonl"
    first = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert "seed 5" in first.stdout.readline()
    assert "3 …" in first.stdout.readline()
    first.kill()
    first.communicate()
    with journal.open("a") as file:
        file.write('[59, "bi')  # as if it had been killed while it wrote
    before = journal.read_text().count("\n")
    assert 3 <= before < 60
    second = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS_MAX, check=True)
    lines = [line for line in journal.read_text().splitlines() if line != '[59, "bi']
    assert sorted(json.loads(line)[0] for line in lines) == list(range(60))
    assert "60 in" in second.stdout


@forks
def test_a_model_that_takes_too_long_is_wrong(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "PATIENCE_S", 0.3)
    parts = corpus(good)[0].parts.copy()
    loop = b"{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    parts.put(b"tokenizer.chat_template", STRING, loop)
    path = tmp_path / "endless.gguf"
    path.write_bytes(pack(parts))
    judge = Judge()
    try:
        verdict = judge.judge(path)
    finally:
        judge.close()
    assert verdict.outcome == "WRONG"
    assert "hung" in verdict.words


def test_an_error_without_advice_is_wrong() -> None:
    found = {"status": 0, "words": "", "seconds": 0.0}
    silent = {"event": "failed", "error": {"type": "ModelError", "what": "It failed.", "where": "m.gguf", "todo": ""}}
    assert _from_events([silent], found).outcome == "WRONG"
    told = {"event": "failed", "error": {**silent["error"], "todo": "Fetch it again."}}  # type: ignore[dict-item]
    assert _from_events([told], found).outcome == "refused by llama.cpp"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"hung": False, "status": None, "said": "", "words": "the nursery ended"}, "the nursery ended"),
        ({"hung": False, "status": 0x8B, "said": "", "words": ""}, "memory dump"),
        ({"hung": False, "status": 0, "said": "", "words": ""}, "no answer"),
        ({"hung": False, "status": 0, "said": "hello\n", "words": ""}, "no JSON"),
    ],
)
@forks
def test_what_no_host_should_see_is_wrong(found: dict[str, object], words: str) -> None:
    verdict = _from_worker({**found, "seconds": 0.0})
    assert verdict.outcome == "WRONG"
    assert words in verdict.words


def test_a_crash_has_its_reason() -> None:
    verdict = _from_events([], {"status": 11, "words": "", "seconds": 0.0})
    assert verdict.outcome == "ended, and said why"
    assert "signal 11" in verdict.words


def test_what_is_wrong_is_kept_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "judge", lambda _self, _path: Verdict("WRONG", "as planned"))
    tally = Run(tmp_path, seed=3, count=5).go()
    assert sorted(number for number, _, _ in tally.wrong) == [0, 1, 2, 3, 4]
    assert len(list(tmp_path.glob("wrong-3-*.gguf"))) == 5
    again = Run(tmp_path, seed=3, count=5).go()
    assert len(again.wrong) == 5
    assert isinstance(again, Tally)
