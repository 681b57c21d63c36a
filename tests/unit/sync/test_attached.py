"""What goes with an item by reference: the version that leaves, the user's rule, what is no longer there."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sync.transports.attached import BYTES_MAX, FILES_MAX, Edition, File, NoShelf, files, safe_name, safe_type
from sync.transports.outcomes import ChangedError, RejectedError
from sync.transports.port import Limits
from sync.transports.smtp import Smtp, SmtpAccount
from tests.sim.mailing import MailServer
from tests.unit.sync.items import an_item


@dataclass
class Shelf:
    """Versions of one piece of work, the oldest first."""

    texts: list[str] = field(default_factory=lambda: ["one", "one\ntwo"])
    sizes: dict[int, int] = field(default_factory=dict)

    def newest(self, artifact: str) -> Edition:
        return self.edition(artifact, len(self.texts))

    def edition(self, artifact: str, n: int) -> Edition:
        if artifact != "a":
            raise RejectedError("It is gone.", artifact, "Send it without.")
        return Edition(n, 1_772_700_000_000 + n * 60_000, self.sizes.get(n, len(self.texts[n - 1])))

    def content(self, artifact: str, n: int) -> bytes:
        return self.texts[n - 1].encode()

    def difference(self, artifact: str, older: int, newer: int) -> str:
        return f"-{self.texts[older - 1]}\n+{self.texts[newer - 1]}"


def entry(follow: str, version: int = 1, **more: Any) -> dict[str, Any]:
    plain = {"artifact": "a", "version": version, "name": "report.md", "media_type": "text/markdown", "follow": follow}
    return {**plain, **more}


@pytest.mark.parametrize(("follow", "content"), [("pinned", b"one"), ("latest", b"one\ntwo")])
def test_the_rule_says_which_version_leaves(follow: str, content: bytes) -> None:
    assert files(an_item(attached=[entry(follow)]), Shelf()) == (File("report.md", "text/markdown", content),)


def test_without_a_newer_version_nobody_is_asked() -> None:
    assert files(an_item(attached=[entry("ask", 2)]), Shelf())[0].content == b"one\ntwo"


def test_a_newer_version_is_shown_beside_the_older_and_a_yes_sends_the_one_decided_on() -> None:
    shelf, item = Shelf(), an_item(attached=[entry("ask")])
    with pytest.raises(ChangedError, match=r"newer version of report\.md") as caught:
        files(item, shelf)
    assert caught.value.then == "report.md: version 1 of 2026-03-05 08:41 UTC, 3 bytes"
    assert caught.value.now == "report.md: version 2 of 2026-03-05 08:42 UTC, 7 bytes\n-one\n+one\ntwo"
    agreed = replace(item, basis=caught.value.basis)
    assert files(agreed, shelf)[0].content == b"one"
    shelf.texts.append("three")
    with pytest.raises(ChangedError):
        files(agreed, shelf)


def test_a_long_difference_is_cut() -> None:
    with pytest.raises(ChangedError) as caught:
        files(an_item(attached=[entry("ask")]), Shelf(["one", "two\n" * 90_000]))
    assert len(caught.value.now) < 1_500


def test_what_is_gone_or_too_large_or_too_many_is_refused_in_words() -> None:
    with pytest.raises(RejectedError, match="gone"):
        files(an_item(attached=[entry("latest", artifact="b")]), Shelf())
    with pytest.raises(RejectedError, match=r"25\.0 MB"):
        files(an_item(attached=[entry("pinned")]), Shelf(sizes={1: BYTES_MAX + 1}))
    with pytest.raises(RejectedError, match="11 files"):
        files(an_item(attached=[entry("pinned")] * (FILES_MAX + 1)), Shelf())
    with pytest.raises(RejectedError, match="cannot be reached"):
        files(an_item(attached=[entry("pinned")]), NoShelf())


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("report.md", "report.md"), ("../../etc/passwd", "_.._etc_passwd"), ("a\r\nBcc: x.md", "a_Bcc_ x.md"),
        (".bashrc", "bashrc"), ("", "file"), ("..", "file"), ("über uns.md", "über uns.md"),
        ("C:\\x\\y.md", "C_x_y.md"),
        ("report\u202ecod.exe", "report_cod.exe"), ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)  # fmt: skip
def test_a_name_is_a_name_on_every_system(said: str, name: str) -> None:
    assert safe_name(said) == name


@pytest.mark.parametrize("said", ["multipart/mixed", "message/rfc822", "text", "text/html; x=1", "a\r\nb/c", ""])
def test_a_type_that_is_none_is_bytes(said: str) -> None:
    assert safe_type(said) == "application/octet-stream"


def test_a_mail_carries_the_bytes_as_they_are() -> None:
    content = "Größe\r\n.\r\nFrom here\n"
    with MailServer() as server:
        account = SmtpAccount("work", "127.0.0.1", server.port, "none", "me@example.org")
        smtp = Smtp(account, limits=Limits(2, 2, 4), shelf=Shelf([content]))
        smtp.deliver(an_item(attached=[entry("ask", name='Übersicht "1".md')]), lambda: None)
        (kept,) = server.kept
    (part,) = kept.iter_attachments()
    assert part.get_payload(decode=True) == content.encode()
    assert (part.get_filename(), part.get_content_type()) == ("Übersicht _1_.md", "text/markdown")
    body = kept.get_body()
    assert body is not None
    assert body.get_content().startswith("It is signed.")


def test_a_newer_version_stops_a_mail_before_the_server_is_even_asked() -> None:
    account = SmtpAccount("work", "127.0.0.1", 1, "none", "me@example.org")
    offered: list[int] = []
    with pytest.raises(ChangedError):
        Smtp(account, shelf=Shelf()).deliver(an_item(attached=[entry("ask")]), lambda: offered.append(1))
    assert offered == []


def test_a_large_mail_gets_more_time_but_not_more_than_its_lease() -> None:
    smtp = Smtp(SmtpAccount("work", "127.0.0.1", 1, "none", "me@example.org"), shelf=Shelf(["x" * 24_000_000]))
    message, _ = smtp._compose(an_item(), files(an_item(attached=[entry("pinned")]), Shelf(["x" * 24_000_000])))
    assert 90 < smtp._total_s(message) <= 100
