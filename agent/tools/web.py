"""One request to the web, bounded in time, size and hops; what comes back is readable text.

Each hop is judged anew (addresses.py), so a redirect cannot lead into a private network. Proxies of the environment
are not used: the address that was judged is the one that is connected to. How far it is, is told to the attempt that
this thread makes. Over plain HTTP the way is proven first, so that no network's sign-in page is taken for the page.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from agent.tools.addresses import LOOK_UP_S, Target, judged, names_loopback, normal_url
from agent.tools.errors import AwayError, ToolRefusedError
from agent.tools.page_cache import Page
from agent.tools.plaintext import decoded, is_binary
from agent.tools.readable import readable
from sync.transports import attempt, portal, ways
from sync.transports.attempt import Stage
from sync.transports.deadline import Deadline
from sync.transports.outcomes import SignInError
from sync.transports.stages import Stages
from sync.transports.ways import WAYS

BYTES_MAX = 4_000_000
TEXT_CHARACTERS_MAX = 400_000
HOPS_MAX = 5
SECONDS_MAX = 20.0
CONNECT_SECONDS = 6.0
READ_SECONDS = 10.0
AGENT = "Carryon/0.1 (desktop; fetches on request)"
ACCEPTED = "text/html,text/plain,application/json,application/xhtml+xml,text/*;q=0.8"
_TEXTUAL = ("text/", "application/json", "application/xml", "application/xhtml", "+json", "+xml")
_HOPS = (301, 302, 303, 307, 308)
NOT_MODIFIED = 304


def get(url: str, kept: Page | None, clock: Callable[[], float]) -> Page:
    """The page now; `kept` unchanged but for its time when the server says so. `url` is the user's own.

    Raises AwayError when it cannot be reached, caused by a SignInError where the network wants one; ToolRefusedError
    when it is no page of text or the server says no.
    """
    import httpx

    loopback = names_loopback(url)
    deadline = time.monotonic() + SECONDS_MAX
    at, headers = url, _headers(kept)
    limits = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        with (
            Deadline(max(SECONDS_MAX, 0.0)) as whole,
            httpx.Client(timeout=limits, trust_env=False, follow_redirects=False) as client,
        ):
            for _ in range(HOPS_MAX + 1):
                answer = _hop(_Way(client, whole), at, headers, loopback=loopback, deadline=deadline)
                if isinstance(answer, str):
                    at = answer
                    continue
                if answer is None and kept:
                    return replace(kept, fetched_at=clock())
                if answer is not None:
                    return replace(answer, url=url, fetched_at=clock())
                break
    except SignInError as error:
        raise AwayError(error.what, error.where, error.todo) from error
    except httpx.DecodingError as error:
        raise ToolRefusedError(
            "The server packed the page in a way that cannot be read.", at, "Open it in your browser instead."
        ) from error
    except (httpx.TransportError, OSError) as error:
        stranger = portal.stranger(error, urlsplit(at).netloc)
        raise AwayError(stranger.what if stranger else str(error) or type(error).__name__) from (stranger or error)
    raise ToolRefusedError("The page leads from one address to the next without end.", url, "Try another address.")


def _headers(kept: Page | None) -> dict[str, str]:
    asked = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified} if kept else {}
    return {"User-Agent": AGENT, "Accept": ACCEPTED} | {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class _Way:
    """To the web, for one page: requests that tell how far they are."""

    client: Any
    whole: Deadline

    def send(self, target: Target, headers: Mapping[str, str], stages: Stages) -> Any:
        request = self.client.build_request(
            "GET",
            target.pinned_url,
            headers={**headers, "Host": target.host_header},
            extensions={"sni_hostname": target.host, "trace": stages.note},
        )
        return self.client.send(request, stream=True)

    def prove(self, target: Target, stages: Stages) -> None:
        """Before the address itself is asked for, over plain HTTP. Raises SignInError."""
        if not WAYS.needs_proof(target.url):
            return
        asked = replace(target, url=ways.question(target.url))
        with contextlib.closing(self.send(asked, ways.ASKED_WITH, stages)) as response:
            location, kind = response.headers.get("location", ""), response.headers.get("content-type", "")
            ways.settle(target.url, response.status_code, location, kind, _beginning(response))


def _beginning(response: Any) -> bytes:
    """What can be unpacked of it: the status has come, and is the answer."""
    import httpx

    body = b""
    with contextlib.suppress(httpx.DecodingError):
        for part in response.iter_bytes():
            body += part
            if len(body) > ways.ANSWER_BYTES_MAX:
                break
    return body


def _hop(way: _Way, url: str, headers: dict[str, str], *, loopback: bool, deadline: float) -> Page | str | None:
    """The page, the next address, or None for "not modified"."""
    host = urlsplit(url).netloc
    stages = Stages(attempt.current(), host, CONNECT_SECONDS, READ_SECONDS, deadline=way.whole)
    stages.attempt.stage(Stage.LOOKING_UP, host, LOOK_UP_S)
    target = judged(url, loopback=loopback)
    way.prove(target, stages)
    response = way.send(target, headers, stages)
    try:
        if target.scheme == "https" and not loopback:
            WAYS.vouch()
        if response.status_code in _HOPS and "location" in response.headers:
            return normal_url(urljoin(url, response.headers["location"]))
        if response.status_code == NOT_MODIFIED:
            return None
        _refuse_errors(response.status_code, url)
        return _page(response, url, deadline, stages)
    finally:
        response.close()


def _refuse_errors(status: int, url: str) -> None:
    if status == 429 or status >= 500:
        raise AwayError(f"the server answered {status}")
    if status in (404, 410):
        raise ToolRefusedError("There is no such page.", url, "Look at the address.")
    if status >= 300:
        raise ToolRefusedError(
            f"The server refused the page (status {status}).", url, "Open it in your browser instead."
        )


def _page(response: Any, url: str, deadline: float, stages: Stages) -> Page:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and not any(kind.startswith(part) or kind.endswith(part) for part in _TEXTUAL):
        raise ToolRefusedError(f"That is not a page of text but {kind}.", url, "Open it in your browser instead.")
    raw, cut = _body(response, deadline, stages)
    if is_binary(raw):
        raise ToolRefusedError("That is not a page of text.", url, "Open it in your browser instead.")
    source = _decoded(raw, response.charset_encoding)
    title, text = readable(source) if "html" in kind or source.lstrip()[:1] == "<" else ("", source)
    return Page(
        url,
        title,
        text[:TEXT_CHARACTERS_MAX],
        0.0,
        response.headers.get("etag", ""),
        response.headers.get("last-modified", ""),
        cut or len(text) > TEXT_CHARACTERS_MAX,
    )


def _body(response: Any, deadline: float, stages: Stages) -> tuple[bytes, bool]:
    """At most BYTES_MAX, unpacked; and whether there was more."""
    parts: list[bytes] = []
    size = 0
    stages.begin(Stage.RECEIVING)
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        stages.come(len(part))
        if size > BYTES_MAX:
            return b"".join(parts)[:BYTES_MAX], True
        if time.monotonic() > deadline:
            raise AwayError(f"the page took longer than {SECONDS_MAX:.0f} seconds")
    return b"".join(parts), False


def _decoded(raw: bytes, charset: str | None) -> str:
    if charset:
        try:
            return raw.decode(charset, "replace")
        except LookupError:  # a charset nobody knows: find it out ourselves
            pass
    return decoded(raw)[0]
