"""From the name of a destination to its transport: accounts beside mail, the mailbox, the user's own actions."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.agentrc.agentrc import Agentrc
from agent.agentrc.errors import SecretError
from agent.agentrc.settings import Settings
from agent.destinations import Destinations
from agent.paths import Paths
from agent.practice import Practice
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Transport

RC = """
[accounts.work]
kind = "smtp"
host = "mail.example.org"
from = "me@example.org"
user = "me"
secret = "env:PW"
{imap}
[accounts.home]
kind = "caldav"
url = "https://dav.example.org/"
calendar = "Private"
user = "me"
secret = "env:PW"

[accounts.box]
kind = "webdav"
url = "env:BOX_URL"

[accounts.site]
kind = "git"
path = "~/site"

[actions.ping]
about = "Asks whether it is there."
method = "GET"
url = "https://ci.example.org/ping"
class = "online"
fresh = "1m"
repeat = "none"
touches = ["network"]
"""
Find = Callable[[str], Transport]


@pytest.fixture
def opened(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[Settings, Find]]:
    monkeypatch.setenv("PW", "s3cret")
    monkeypatch.setenv("BOX_URL", "https://box.example.org/dav")

    def make(imap: str = "") -> tuple[Settings, Find]:
        rc = Agentrc(paths, environ={})
        rc.file.write_text(RC.format(imap=imap))
        settings = rc.load()
        assert not rc.problems
        there = Destinations(lambda: settings, Practice(paths.practice), paths.cache, lambda: 0.0)
        return settings, there.transport

    return make


def test_each_kind_of_account_is_kept_apart(opened: Callable[[str], tuple[Settings, Find]]) -> None:
    settings, _ = opened("")
    assert tuple(settings.accounts) == ("work",)
    assert settings.calendars["home"].calendar == "Private"
    assert settings.shares["box"].url == "env:BOX_URL"
    assert settings.clones["site"].path == Path("~/site").expanduser()
    assert (settings.clones["site"].remote, settings.clones["site"].branch) == ("origin", None)
    assert settings.outbox_attachments == "ask"
    assert Settings.of(settings.compiled) == settings


@pytest.mark.parametrize(
    ("destination", "mode"),
    [("smtp:work", "none"), ("caldav:home", "query"), ("webdav:box", "query"), ("action:ping", "none")],
)
def test_a_destination_is_a_transport(
    opened: Callable[[str], tuple[Settings, Find]], destination: str, mode: str
) -> None:
    _, find = opened("")
    assert find(destination).mode == mode
    with pytest.raises(NotConfiguredError, match="named other"):
        find(f"{destination.partition(':')[0]}:other")


IMAP = 'imap_host = "imap.example.org"\n'


@pytest.mark.parametrize(
    ("imap", "mode"), [(IMAP, "none"), ('imap_sent = "auto"\n', "none"), (IMAP + 'imap_sent = "auto"\n', "query")]
)
def test_a_mail_is_looked_for_only_where_the_provider_files_it(
    opened: Callable[[str], tuple[Settings, Find]], imap: str, mode: str
) -> None:
    settings, find = opened(imap)
    assert find("smtp:work").mode == mode
    box = settings.accounts["work"].imap
    assert (box is None) == (mode == "none")
    assert box is None or (box.port, box.security) == (993, "tls")


def test_a_secret_that_is_nowhere_is_told(
    opened: Callable[[str], tuple[Settings, Find]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, find = opened("")
    monkeypatch.delenv("PW")
    with pytest.raises(SecretError, match="PW is not set"):
        find("caldav:home")


def test_a_file_in_which_a_kind_lacks_something_says_what(paths: Paths) -> None:
    rc = Agentrc(paths, environ={})
    rc.file.write_text('[accounts.site]\nkind = "git"\n')
    rc.load()
    assert "of kind git needs path" in str(rc.problems[0])
