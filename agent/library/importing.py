"""Files brought into the library: texts become documents that can be searched and edited, the rest is kept as it is."""

from dataclasses import dataclass
from pathlib import Path

from agent.library.blobs import CONTENT_BYTES_MAX, is_text
from agent.library.errors import NotImportedError, TooLargeError


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that was read: `kind` is "document" for a text and "file" for anything else."""

    kind: str
    title: str
    content: bytes
    name: str
    media_type: str


def read(path: Path) -> Incoming:
    """Raises NotImportedError and TooLargeError; never reads more than an artifact may hold."""
    source = path.expanduser()
    if not source.is_file():
        raise NotImportedError("There is no such file, or it is a folder.", str(path), "Choose a file.")
    try:
        with source.open("rb") as file:
            content = file.read(CONTENT_BYTES_MAX + 1)
    except OSError as error:
        raise NotImportedError(
            f"The file could not be read: {error.strerror or error}.", str(path), "Check that it belongs to you."
        ) from error
    if len(content) > CONTENT_BYTES_MAX:
        size = f"{CONTENT_BYTES_MAX // 1024 // 1024} MB"
        raise TooLargeError(f"The file is larger than {size}.", str(path), "Divide it into smaller parts.")
    import mimetypes

    media_type = mimetypes.guess_type(source.name)[0]
    if text := _as_text(content):
        return Incoming("document", source.stem, text, source.name, media_type or "text/plain")
    return Incoming("file", source.name, content, source.name, media_type or "application/octet-stream")


def _as_text(content: bytes) -> bytes:
    """The content as UTF-8 without its mark, b"" when it is no text. UTF-16 is known by its mark."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16").encode()
        except UnicodeError:
            return b""
    if b"\0" in content or not is_text(content):
        return b""
    return content.removeprefix(b"\xef\xbb\xbf")
