"""Issues in a tracker: GitHub, GitLab, or any HTTP receiver.

GitHub and GitLab do not honour an idempotency key, but they can be asked: each issue carries its key in an invisible
comment, and before a repeat the issues filed since the first try are searched for it. A plain receiver is sent the
Idempotency-Key.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit

from sync.addresses import checked_header
from sync.errors import InvalidIntentError
from sync.item import Item
from sync.rows import Clock
from sync.transports.http import Answer, door
from sync.transports.outcomes import RejectedError, UncertainError
from sync.transports.port import TEXT_CHARACTERS_MAX, Limits, Mode, Offer, Receipt

Kind = Literal["github", "gitlab", "http"]

PAGE_ISSUES = 100
PAGES_MAX = 10
EARLIER_S = 3_600.0  # before the first try; for a clock set back by an hour unseen
TITLE_CHARACTERS_MAX = 250
BODY_CHARACTERS_MAX = 60_000
KEY_KEPT_S = 86_400.0


class Tracker:
    """`url`: of the project as the browser shows it, or of its API. `secret`: an access token, already resolved."""

    def __init__(
        self, name: str, kind: Kind, url: str, *, secret: str | None = None, mode: Mode | None = None,
        limits: Limits | None = None, clock: Clock = time.time,
    ) -> None:  # fmt: skip
        self.name = name
        self.mode: Mode = mode or ("none" if kind == "http" else "query")
        self.key_kept_s = KEY_KEPT_S
        self._kind = kind
        self._door = door(
            name, issues_url(kind, url), _secret_headers(kind, secret), clock, limits, knows_keys=self.mode == "key"
        )
        self.loopback = self._door.loopback

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        title, body = self._text(item)
        marked = f"{body}\n\n{_marker(item)}".lstrip()
        fields = {
            "github": {"title": title, "body": marked},
            "gitlab": {"title": title, "description": marked},
            "http": {"title": title, "body": body, "project": str(item.payload.get("project", "")),
                     "id": item.idempotency_key},
        }[self._kind]  # fmt: skip
        answer = self._door.post(self._door.url, fields, {"Idempotency-Key": item.idempotency_key}, offer)
        made, told = answer.json(), f"{self._door.host} accepted it ({answer.status})."
        return _receipt(made if isinstance(made, dict) else {}, told, _location(answer, self._door.url))

    def find(self, item: Item) -> Receipt | None:
        for issue in self._newest(item):
            if _marker(item) in str(issue.get("body") or issue.get("description") or ""):
                return _receipt(issue, f"{self._door.host} has it already.")
        return None

    def _newest(self, item: Item) -> Iterator[dict[str, Any]]:
        """Back to those that were filed before it was first tried, by the tracker's own clock."""
        asked = self._door.begun()
        order = "order_by=created_at&sort=desc" if self._kind == "gitlab" else "sort=created&direction=desc"
        for page in range(1, PAGES_MAX + 1):
            answer = asked.get(f"{asked.url}?state=all&{order}&per_page={PAGE_ISSUES}&page={page}")
            issues, tried_at = answer.json(), _tried_at(item, answer, asked.clock())
            if not isinstance(issues, list):
                raise UncertainError(f"{self._door.host} did not list its issues.", self.name, "Look there.")
            for issue in (issue for issue in issues if isinstance(issue, dict)):
                filed_at = _seconds(issue.get("created_at"))
                if tried_at is not None and filed_at is not None and filed_at < tried_at - EARLIER_S:
                    return
                yield issue
            if len(issues) < PAGE_ISSUES:
                return
        raise UncertainError(
            f"Too many newer issues at {self._door.host} to be sure.", self.name, "Look there.", answered=True
        )

    def _text(self, item: Item) -> tuple[str, str]:
        title, body = str(item.payload.get("title", "")).strip(), str(item.payload.get("body") or "")
        try:
            checked_header(title, "title")
        except InvalidIntentError as error:
            raise RejectedError(error.what, self.name, error.todo) from error
        if not title or len(title) > TITLE_CHARACTERS_MAX:
            raise RejectedError(
                f"A title of {len(title)} characters is not accepted.", self.name,
                f"1 to {TITLE_CHARACTERS_MAX} are.",
            )  # fmt: skip
        if len(body) > BODY_CHARACTERS_MAX:
            raise RejectedError(
                f"The text is {len(body)} characters long.", self.name, f"At most {BODY_CHARACTERS_MAX}."
            )
        return title, body


def issues_url(kind: Kind, url: str) -> str:
    """Where issues are posted, from the address that a person would copy out of the browser."""
    parts = urlsplit(url)
    path = parts.path.strip("/").removesuffix("/issues").removesuffix("/-").removesuffix(".git")
    base = f"{parts.scheme}://{parts.netloc}"
    if kind == "github" and path:
        if parts.hostname == "github.com":
            return f"https://api.github.com/repos/{path}/issues"
        return f"{base}/{path}/issues" if "repos/" in f"{path}/" else f"{base}/api/v3/repos/{path}/issues"
    if kind == "gitlab" and path:
        if "/api/v4/projects/" in f"/{path}":
            return f"{base}/{path}/issues"
        return f"{base}/api/v4/projects/{quote(path, safe='')}/issues"
    return url


def _tried_at(item: Item, answer: Answer, now: float) -> float | None:
    """When it may first have arrived, as the tracker's clock had it; None where that shows no time."""
    try:
        ahead = parsedate_to_datetime(answer.headers["Date"]).timestamp() - now
    except (KeyError, TypeError, ValueError):
        return None
    return None if item.uncertain_since is None else item.uncertain_since / 1_000 + ahead


def _seconds(said: object) -> float | None:
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo else None  # of an unknown zone it says nothing


def _secret_headers(kind: Kind, secret: str | None) -> dict[str, str]:
    accept = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"} if kind == "github" else {}
    if not secret:
        return accept
    return {**accept, **({"PRIVATE-TOKEN": secret} if kind == "gitlab" else {"Authorization": f"Bearer {secret}"})}


def _marker(item: Item) -> str:
    return f"<!-- carryon:{item.idempotency_key} -->"


def _location(answer: Answer, posted_to: str) -> str:
    """Of what was made, where only the header names it (RFC 9110, section 15.3.2); "" where it leads elsewhere."""
    try:
        url = urljoin(posted_to, answer.headers.get("Location", "").strip())
        there, here = urlsplit(url), urlsplit(posted_to)
    except ValueError:
        return ""
    same = (there.scheme, there.netloc) == (here.scheme, here.netloc) and "@" not in there.netloc
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= TEXT_CHARACTERS_MAX
    return url if same and plain and url != posted_to else ""


def _receipt(made: dict[str, Any], text: str, location: str = "") -> Receipt:
    reference = made.get("number") or made.get("iid") or made.get("id") or ""
    url = made.get("html_url") or made.get("web_url") or made.get("url") or location
    return Receipt(text, str(reference), str(url))
