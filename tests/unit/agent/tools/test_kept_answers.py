"""What online tools answered is kept within its bounds, told with its age, and never given for another question."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.tools.actions import asks
from agent.tools.connected import Connected
from agent.tools.errors import ToolRefusedError
from agent.tools.kept import ALL_BYTES_MAX, ANSWER_BYTES_MAX, ANSWERS_MAX, Kept, KeptAnswers, forget_all, key_of
from agent.tools.registry import Registry
from sync.intent import check
from sync.item import Item
from sync.states import State
from sync.transports.outcomes import RejectedError, RetryableError
from tests.unit.agent.tools.conftest import Site

STATUS = """
[actions.status]
about = "Asks how the build stands."
method = "GET"
url = "http://{url}/builds/{{{{project}}}}"
class = "online"
fresh = "{fresh}"
{past}
repeat = "none"
touches = ["network"]
args = {{ project = "title" }}
"""
GREEN = (200, {"Content-Type": "text/plain", "ETag": '"g1"'}, b"green")
ARGS = {"project": "web"}


def declare(workshop: Any, site: Site, *, fresh: str = "10m", past: str = "") -> None:
    workshop.settings(STATUS.format(url=site.url, fresh=fresh, past=f'past = "{past}"' if past else ""))
    workshop.registry = Registry(more=Connected(lambda: workshop.context.settings))
    site.answers["/builds/web"] = GREEN


def deliver(workshop: Any, payload: Mapping[str, Any]) -> Any:
    item = Item(
        id="i1", seq=1, tool="action.status", args=ARGS, destination="ask:action.status", payload=payload, sentence="s",
        fingerprint="f", state=State.SENDING, needs_approval=False, approved_at=None, created_at=0, updated_at=0,
        expires_at=0, attempts=0, offers=0, next_attempt_at=0, held_until=0, uncertain_since=None, mode="key",
        delivered_at=None, last_error=None, receipt=None, conversation_id=None, turn_id=None, call_id=None,
        replaces=None,
    )  # fmt: skip
    action = workshop.context.settings.actions["status"]
    transport = asks(action, workshop.context.cache, workshop.context.clock)
    assert (transport.mode, transport.loopback) == ("key", True)
    return transport.deliver(item, lambda: None)


def test_online_it_is_asked_anew_and_an_unchanged_answer_costs_nothing(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    workshop.done("action.status", ARGS)
    workshop.now[0] += 60
    facts = workshop.done("action.status", ARGS).facts
    assert [headers.get("If-None-Match") for _, headers in site.asked] == [None, '"g1"']
    assert (facts["text"], facts["cached"], facts["age_s"]) == ("green", False, 0)
    assert facts["fetched"] == "2026-03-04T10:01:00+01:00"


def test_after_the_clock_was_set_back_nobody_knows_the_age(workshop: Any, site: Site) -> None:
    declare(workshop, site, past="flag")
    workshop.done("action.status", ARGS)
    workshop.now[0] -= 3 * 86_400
    facts = workshop.done("action.status", ARGS, offline=True).facts
    assert (facts["cached"], facts["stale"], facts["age_s"]) == (True, True, None)
    workshop.now[0] += 3 * 86_400 - 30
    facts = workshop.done("action.status", ARGS, offline=True).facts
    assert (facts["stale"], facts["age_s"]) == (False, 0), "clocks may differ a little"


def test_offline_the_kept_answer_with_its_age(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    workshop.done("action.status", ARGS)
    workshop.now[0] += 300
    facts = workshop.done("action.status", ARGS, offline=True).facts
    assert (facts["text"], facts["cached"], facts["stale"], facts["age_s"]) == ("green", True, False, 300)
    assert facts["fetched"] == "2026-03-04T10:00:00+01:00"
    assert len(site.asked) == 1


def test_past_its_bound_it_is_asked_later(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    workshop.done("action.status", ARGS)
    workshop.now[0] += 601
    made = workshop.deferred("action.status", ARGS, offline=True)
    check(made.intent)
    assert made.intent.destination == "ask:action.status"
    assert (made.facts["age_s"], made.facts["asks_later"]) == (601, True)
    assert "green" not in str(made), "what is too old is not told"


def test_or_flagged_where_the_settings_say_so(workshop: Any, site: Site) -> None:
    declare(workshop, site, past="flag")
    workshop.done("action.status", ARGS)
    workshop.now[0] += 601
    facts = workshop.done("action.status", ARGS, offline=True).facts
    assert (facts["text"], facts["cached"], facts["stale"]) == ("green", True, True)


def test_a_bound_that_was_made_shorter_counts_at_once(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    workshop.done("action.status", ARGS)
    declare(workshop, site, fresh="1m")
    workshop.now[0] += 120
    workshop.deferred("action.status", ARGS, offline=True)


def test_without_a_bound_nothing_is_kept(workshop: Any, site: Site) -> None:
    declare(workshop, site, fresh="0s")
    workshop.done("action.status", ARGS)
    assert not list(workshop.context.cache.rglob("*.json"))
    with pytest.raises(ToolRefusedError, match="needs the network"):
        workshop.call("action.status", ARGS, offline=True)


def test_what_waited_is_there_once_it_was_delivered(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    made = workshop.deferred("action.status", ARGS, offline=True)
    receipt = deliver(workshop, made.intent.payload)
    assert receipt.text == f"Fetched: what host {site.url} answered to action.status"
    facts = workshop.done("action.status", ARGS, offline=True, kept_only=True).facts
    assert (facts["text"], facts["cached"]) == ("green", True)


def test_what_came_and_is_too_old_by_now_is_refused_and_waits_no_more(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    deliver(workshop, workshop.deferred("action.status", ARGS, offline=True).intent.payload)
    workshop.now[0] += 3_600
    with pytest.raises(ToolRefusedError, match="older than it may be"):
        workshop.call("action.status", ARGS, offline=True, kept_only=True)
    forget_all(workshop.context.cache)
    with pytest.raises(ToolRefusedError, match="not kept any more"):
        workshop.call("action.status", ARGS, offline=True, kept_only=True)


@pytest.mark.parametrize(("status", "error"), [(503, RetryableError), (404, RejectedError), (403, RejectedError)])
def test_a_no_is_told_as_one(workshop: Any, site: Site, status: int, error: type[Exception]) -> None:
    declare(workshop, site)
    payload = workshop.deferred("action.status", ARGS, offline=True).intent.payload
    site.answers["/builds/web"] = (status, {}, b"no")
    with pytest.raises(error):
        deliver(workshop, payload)
    assert not list(workshop.context.cache.rglob("*.json"))


def test_a_destination_that_is_busy_gives_way_to_the_copy(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    workshop.done("action.status", ARGS)
    site.answers["/builds/web"] = (503, {}, b"later")
    assert workshop.done("action.status", ARGS).facts["cached"] is True


def test_another_address_in_the_settings_is_not_asked_what_was_meant_for_this(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    payload = workshop.deferred("action.status", ARGS, offline=True).intent.payload
    workshop.settings(STATUS.format(url="127.0.0.2:9", fresh="10m", past=""))
    with pytest.raises(RejectedError, match="another one by now"):
        deliver(workshop, payload)


def test_a_changed_declaration_does_not_answer_with_what_was_said_before(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    workshop.done("action.status", ARGS)
    text = STATUS.format(url=site.url, fresh="10m", past="") + 'secret = "env:OTHER_ACCOUNT"\n'
    workshop.settings(text.replace("args =", "#").replace("secret", 'args = { project = "title" }\nsecret', 1))
    workshop.deferred("action.status", ARGS, offline=True)


def test_a_secret_never_travels_in_the_open(workshop: Any, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_TOKEN", "s3cret")
    text = STATUS.format(url="ci.example", fresh="10m", past="").replace("repeat", 'secret = "env:CI_TOKEN"\nrepeat')
    workshop.settings(text)
    workshop.registry = Registry(more=Connected(lambda: workshop.context.settings))
    with pytest.raises(ToolRefusedError, match="in the open"):
        workshop.call("action.status", ARGS)


def answer(number: int, text: str = "x", **more: Any) -> Kept:
    return Kept(key_of("t", {"n": number}, ""), f"tool.{number % 2}", "host h", {"text": text}, 0.0, 60, **more)


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path)
    assert answers.put(answer(1, "grün \ud800"))
    (file,) = tmp_path.rglob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    kept = answers.get(answer(1).key)
    assert kept
    assert kept.facts["text"].startswith("grün ")
    file.write_text(file.read_text()[:40])
    assert answers.get(answer(1).key) is None
    assert not file.exists()


def test_a_file_under_another_key_is_no_answer(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path)
    answers.put(answer(1))
    (file,) = tmp_path.rglob("*.json")
    file.rename(file.with_name(f"{answer(2).key}.json"))
    assert answers.get(answer(2).key) is None


def test_number_and_size_are_bounded(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path)
    assert not answers.put(answer(0, "x" * ANSWER_BYTES_MAX))
    for number in range(ANSWERS_MAX + 3):
        assert answers.put(answer(number))
    assert len(list(tmp_path.rglob("*.json"))) == ANSWERS_MAX
    for number in range(60):
        answers.put(answer(1_000 + number, "y" * 900_000))
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.json")) <= ALL_BYTES_MAX


def test_one_server_s_answers_can_be_forgotten(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path)
    for number in range(4):
        answers.put(answer(number))
    answers.forget("tool.1")
    assert [json.loads(file.read_text())["tool"] for file in tmp_path.rglob("*.json")] == ["tool.0"] * 2


def test_what_was_asked_makes_the_key(tmp_path: Path) -> None:
    keys = {
        key_of("a.b", {"x": "1"}, "d"), key_of("a.b", {"x": "2"}, "d"), key_of("a.b", {"x": "1"}, "e"),
        key_of("a.c", {"x": "1"}, "d"), key_of("a.b", {"x": "1", "y": ""}, "d"),
    }  # fmt: skip
    assert len(keys) == 5
    assert replace(answer(1), key="k").key == "k"


def test_an_answer_that_the_disk_does_not_take_is_an_answer_all_the_same(workshop: Any, site: Site) -> None:
    declare(workshop, site)
    workshop.context.cache.write_text("no folder")
    facts = workshop.done("action.status", ARGS).facts
    assert facts["text"] == "green"
    assert "No copy of it could be kept" in facts["not_kept"]


def test_a_question_that_waited_is_asked_again_where_the_disk_did_not_take_the_answer(
    workshop: Any, site: Site
) -> None:
    declare(workshop, site)
    payload = workshop.deferred("action.status", ARGS, offline=True).intent.payload
    workshop.context.cache.write_text("no folder")
    with pytest.raises(RetryableError, match="No copy of it could be kept"):
        deliver(workshop, payload)


def test_several_threads_keep_the_same_answer_at_once(tmp_path: Path) -> None:
    def keep(number: int) -> bool:
        return all(KeptAnswers(tmp_path).put(answer(1, f"{number} " + "z" * 50_000)) for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(keep, range(4)))
    assert KeptAnswers(tmp_path).get(answer(1).key)


def test_a_file_that_vanishes_while_old_ones_are_looked_for_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = KeptAnswers(tmp_path)
    answers.put(answer(1))
    (first,) = tmp_path.rglob("*.json")
    seen = Path.iterdir

    def vanishing(folder: Path) -> Iterator[Path]:  # another process drops it between the list and the look
        for path in list(seen(folder)):
            first.unlink(missing_ok=True)
            yield path

    monkeypatch.setattr(Path, "iterdir", vanishing)
    assert answers.put(answer(2))
    assert answers.get(answer(2).key)


def test_what_a_process_that_died_had_begun_goes(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path)
    answers.put(answer(1))
    (folder,) = tmp_path.iterdir()
    old, young = folder / "a.77.new", folder / ".a.json.x"
    for begun in (old, young):
        begun.write_text("{")
    os.utime(old, (1.0, 1.0))
    answers.put(answer(2))
    assert (old.exists(), young.exists()) == (False, True)
