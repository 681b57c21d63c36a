"""A network that wants a sign-in first: what tells it, and in which words. Its page is only ever named here; opening it
is the user's own press. Over TLS nothing is sent before the other end has shown who it is, so it sees neither text nor
secret. Over plain HTTP the way is asked about first (ways.py), which finds out those that send to elsewhere, show a
page or say 511; one that answers as a destination may (401, 403, another page under the same host) is not found out."""

import re
from urllib.parse import urljoin, urlsplit

from sync.transports.outcomes import SignInError

URL_CHARACTERS_MAX = 300
PATH_CHARACTERS_MAX = 100
SIGN_IN = "Open a browser and sign in; it is tried again by itself."
OR_TLS = "Open a browser and sign in; if there is nothing to sign in to, give the destination an https address."
CHECK = "Open a browser and sign in; or check the address and its certificate."
# OpenSSL's reasons that a stranger's certificate gives: another name or address, nobody known behind it. A certificate
# that ran out is a matter of the destination or of this machine's clock.
STRANGERS = frozenset({18, 19, 20, 21, 62, 64})
_PAGE = re.compile(rb"<!doctype html|<(?:html|head|body|meta|script)(?:[\s/>]|$)")


def page_address(url: str) -> str:
    """An address that can be shown and pressed; "" for what is none. Its query may tell who you are, so it is left."""
    try:
        parts = urlsplit(url.strip()[:2_000])
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    shown = f"{parts.scheme}://{parts.netloc}{parts.path}"[:URL_CHARACTERS_MAX]
    return shown if plain and shown.isascii() and shown.isprintable() and " " not in shown else ""


def new_place(url: str, location: str) -> str:
    """Where a redirect leads, in words. Of an address at the same host its path is named; what stands in our own path
    may be a secret (a webhook's is), so those parts are left out."""
    try:
        whole = urljoin(url, location.strip()[:2_000])
        ours, there = urlsplit(url), urlsplit(page_address(whole))
    except ValueError:
        return "another page"
    if not there.netloc or there.netloc.lower() != ours.netloc.rpartition("@")[2].lower():
        return there.netloc or "another page"
    if there.scheme != ours.scheme:
        return f"{there.scheme}:// at the same host"
    parts = ["…" if part and part in ours.path.split("/") else part for part in there.path.split("/")]
    return f"{'/'.join(parts)[:PATH_CHARACTERS_MAX] or '/'} at the same host"


def sent_on(host: str, url: str) -> SignInError:
    """A redirect that nobody vouches for."""
    to = urlsplit(page_address(url)).netloc or "another page"
    return SignInError(
        f"Instead of {host} something sent us on to {to}: the network may want you to sign in.", host,
        "Open a browser and sign in; or correct the address.", url=page_address(url),
    )  # fmt: skip


def stranger(error: BaseException, host: str) -> SignInError | None:
    """What a certificate that is not the destination's suggests; None for another failure."""
    import ssl

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None or cause.verify_code not in STRANGERS:
        return None
    return SignInError(
        f"Somebody else answers in place of {host}: its certificate is not trusted ({cause.verify_message}). "
        "The network may want you to sign in. Nothing was sent.", host, CHECK, sure=False,
    )  # fmt: skip


def is_page(media_type: str, body: bytes) -> bool:
    """Whether a web page came where an answer was meant."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return bool(_PAGE.match(start)) or ("html" in media_type.lower() and start.startswith(b"<"))
