"""One request to the web, bounded in time, size and hops; what comes back is readable text.

Each hop is judged anew (addresses.py), so a redirect cannot lead into a private network. Proxies of the environment
are not used: the address that was judged is the one that is connected to.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from agent.tools.addresses import judged, names_loopback, normal_url
from agent.tools.errors import AwayError, ToolRefusedError
from agent.tools.page_cache import Page
from agent.tools.plaintext import decoded, is_binary
from agent.tools.readable import readable

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

    Raises AwayError when it cannot be reached, ToolRefusedError when it is no page of text or the server says no.
    """
    import httpx

    loopback = names_loopback(url)
    deadline = time.monotonic() + SECONDS_MAX
    at, headers = url, _headers(kept)
    limits = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx.Client(timeout=limits, trust_env=False, follow_redirects=False) as client:
            for _ in range(HOPS_MAX + 1):
                answer = _hop(client, at, headers, loopback=loopback, deadline=deadline)
                if isinstance(answer, str):
                    at = answer
                    continue
                if answer is None and kept:
                    return replace(kept, fetched_at=clock())
                if answer is not None:
                    return replace(answer, url=url, fetched_at=clock())
                break
    except (httpx.TransportError, OSError) as error:
        raise AwayError(str(error) or type(error).__name__) from error
    raise ToolRefusedError("The page leads from one address to the next without end.", url, "Try another address.")


def _headers(kept: Page | None) -> dict[str, str]:
    asked = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified} if kept else {}
    return {"User-Agent": AGENT, "Accept": ACCEPTED} | {name: value for name, value in asked.items() if value}


def _hop(client: Any, url: str, headers: dict[str, str], *, loopback: bool, deadline: float) -> Page | str | None:
    """The page, the next address, or None for "not modified"."""
    target = judged(url, loopback=loopback)
    request = client.build_request(
        "GET",
        target.pinned_url,
        headers={**headers, "Host": target.host_header},
        extensions={"sni_hostname": target.host},
    )
    response = client.send(request, stream=True)
    try:
        if response.status_code in _HOPS and "location" in response.headers:
            return normal_url(urljoin(url, response.headers["location"]))
        if response.status_code == NOT_MODIFIED:
            return None
        _refuse_errors(response.status_code, url)
        return _page(response, url, deadline)
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


def _page(response: Any, url: str, deadline: float) -> Page:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and not any(kind.startswith(part) or kind.endswith(part) for part in _TEXTUAL):
        raise ToolRefusedError(f"That is not a page of text but {kind}.", url, "Open it in your browser instead.")
    raw, cut = _body(response, deadline)
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


def _body(response: Any, deadline: float) -> tuple[bytes, bool]:
    """At most BYTES_MAX, unpacked; and whether there was more."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
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
