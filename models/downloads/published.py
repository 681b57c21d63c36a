"""What a publisher offers now at the address that a file came from: one small request, and nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass

from models.downloads.address import check_address, shown
from models.downloads.answer import Changed, Later, Refused, read_answer
from models.downloads.client import client
from models.downloads.origin import Origin
from models.downloads.patience import Patience
from models.errors import DownloadError

ONE_BYTE = {"Range": "bytes=0-0"}


@dataclass(frozen=True, slots=True)
class Published:
    """`sha256` is "" where the server names none."""

    sha256: str
    size_bytes: int

    def differs(self, origin: Origin) -> bool:
        """Whether it is another file than the one that came. Without a digest only another length can tell."""
        if self.sha256:
            return self.sha256 != origin.sha256
        return self.size_bytes != origin.size_bytes


def published(url: str, patience: Patience) -> Published:
    """Asked once; DownloadError says why nothing is known."""
    import httpx

    check_address(url)
    where = shown(url)
    try:
        with client(url, patience) as connection, connection.stream("GET", url, headers=ONE_BYTE) as response:
            answer = read_answer(response, 0)
    except Refused as error:
        raise DownloadError(str(error), where, error.todo) from None
    except (httpx.HTTPError, httpx.InvalidURL, Later, Changed) as error:
        why = str(error) or type(error).__name__
        raise DownloadError(f"The publisher could not be asked ({why}).", where, "Try again later.") from None
    return Published(answer.sha256, answer.total)
