"""Requests of the user's own: what is sent, which key, where secrets go, what an answer or its absence means."""

import pytest

from sync.transports.action import Declared, HttpAction
from sync.transports.outcomes import NotConfiguredError, RejectedError, RetryableError, UncertainError
from sync.transports.port import Limits, Mode
from tests.sim.receiving import Receiver, Reply
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=1, read_s=1, total_s=2)
TOKEN = "key-0b7c"


def action(url: str, mode: Mode = "none", secret: str = "", **more: str) -> HttpAction:
    secrets = {"Authorization": f"Bearer {secret}"} if secret else {}
    return HttpAction(Declared("deploy", f"{url}/jobs/{{{{name}}}}", mode, secrets=secrets, **more), limits=LIMITS)


def nothing() -> None:
    pass


def test_what_is_sent_is_what_stands_in_the_item_with_its_key_and_the_secret(receiver: Receiver) -> None:
    item = an_item(
        method="POST", url=f"{receiver.url}/jobs/web?id={TOKEN}", headers={"X-Team": "web"}, key_token=TOKEN,
        json={"ref": "main", "marks": [f"job {TOKEN}"], "n": 3},
    )  # fmt: skip
    receipt = action(receiver.url, "key", "s3cret", key_header="X-Request-Id").deliver(item, nothing)
    (seen,) = receiver.requests
    assert seen.path == f"/jobs/web?id={item.id}"
    assert seen.body == {"ref": "main", "marks": [f"job {item.id}"], "n": 3}
    assert (seen.headers["X-Team"], seen.headers["X-Request-Id"]) == ("web", item.id)
    assert seen.headers["Authorization"] == "Bearer s3cret"
    assert receipt.reference == "7"


@pytest.mark.parametrize("url", ["http://evil.example.org/jobs/web", "https://127.0.0.1/jobs", "/jobs", ""])
def test_a_secret_goes_only_where_the_declaration_of_today_points(receiver: Receiver, url: str) -> None:
    item = an_item(method="POST", url=url, json={}, find=url)
    with pytest.raises(RejectedError, match="leads to"):
        action(receiver.url, secret="s3cret").deliver(item, nothing)
    with pytest.raises(RejectedError):
        action(receiver.url, "query", secret="s3cret").find(item)
    assert receiver.requests == []


def test_a_secret_does_not_travel_in_the_open() -> None:
    with pytest.raises(NotConfiguredError, match="in the open"):
        action("http://ci.example.org", secret="s3cret")
    assert action("http://ci.example.org").name == "deploy"


def test_the_key_is_looked_for_in_the_answer(receiver: Receiver) -> None:
    where = {"url": f"{receiver.url}/jobs", "find": f"{receiver.url}/jobs?q={TOKEN}"}
    item = an_item(method="POST", json={}, key_token=TOKEN, **where)
    asking = action(receiver.url, "query")
    receiver.listing = []
    assert asking.find(item) is None
    receiver.listing = [{"note": f"made by {item.id}"}]
    assert asking.find(item)
    receiver.listing = b"x" * 2_000_000
    with pytest.raises(UncertainError, match="too long"):
        asking.find(item)


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ('<https://ci.example.org/jobs?page=2>; rel="next"', False), ("</jobs?page=2>; rel=next", False),
        ('</jobs?page=1>; rel="first", </jobs?page=2>; title="x"; rel="last next"', False),
        ('</jobs?page=1>; rel="first"', True), ('</next>; rel="self"', True), ("", True),
    ],
)  # fmt: skip
def test_what_is_not_on_the_first_of_several_pages_may_still_be_there(
    receiver: Receiver, link: str, whole: bool
) -> None:
    item = an_item(method="POST", json={}, url=f"{receiver.url}/jobs", find=f"{receiver.url}/jobs")
    receiver.listing = lambda _path: Reply(200, {"Link": link} if link else {}, [])
    asking = action(receiver.url, "query")
    if whole:
        assert asking.find(item) is None
    else:
        with pytest.raises(UncertainError, match="only a part") as caught:
            asking.find(item)
        assert caught.value.answered
    receiver.listing = lambda _path: Reply(200, {"Link": link} if link else {}, [item.id])
    assert asking.find(item)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(503, acts=False), RetryableError),
        (Reply(422, acts=False), RejectedError),
        (Reply(cut="answer"), UncertainError),
    ],
)
def test_what_an_answer_means_is_as_everywhere(receiver: Receiver, reply: Reply, error: type[Exception]) -> None:
    receiver.script = [reply]
    with pytest.raises(error):
        action(receiver.url).deliver(an_item(method="POST", url=f"{receiver.url}/jobs", json={}), nothing)


def test_a_body_of_a_method_that_is_none_or_too_long_is_refused(receiver: Receiver) -> None:
    for payload in ({"method": "CONNECT"}, {"method": "POST", "body": "x" * 1_000_001}):
        with pytest.raises(RejectedError):
            action(receiver.url).deliver(an_item(url=f"{receiver.url}/jobs", **payload), nothing)
    assert receiver.requests == []


@pytest.mark.parametrize("body", [{"id": {"a": 1}, "url": "javascript:alert(1)"}, {"id": True, "html_url": ["x"]}])
def test_only_a_name_and_an_address_go_into_the_receipt(receiver: Receiver, body: object) -> None:
    receiver.script = [Reply(body=body)]
    item = an_item(method="POST", url=f"{receiver.url}/jobs", json={})
    receipt = action(receiver.url).deliver(item, nothing)
    assert (receipt.reference, receipt.url) == ("201", "")
