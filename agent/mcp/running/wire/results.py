"""What the protocol's library read, as plain outcomes within bounds."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

import mcp_types as types

from agent.mcp.limits import (
    ABOUT_CHARACTERS_MAX,
    LINKS_MAX,
    NAME_CHARACTERS_MAX,
    PICTURE_BYTES_MAX,
    PICTURES_MAX,
    SOUNDS_MAX,
    STRUCTURED_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
)
from agent.mcp.outcomes import CallOutcome, Link, Picture, Sound
from agent.tools.schema_fit import misfit

TOO_MUCH = "it cannot be checked within bounds"
Contents = types.TextResourceContents | types.BlobResourceContents


class _Collector:
    """Fills up to the bounds and notes when there was more."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.left = TEXT_CHARACTERS_MAX
        self.pictures: list[Picture] = []
        self.sounds: list[Sound] = []
        self.links: list[Link] = []
        self.cut = False

    def text(self, text: str) -> None:
        kept = text[: self.left]
        self.cut = self.cut or len(kept) < len(text)
        self.left -= len(kept)
        if kept:
            self.texts.append(kept)

    def picture(self, media_type: str, data: str) -> None:
        content = self._bytes(data) if len(self.pictures) < PICTURES_MAX else None
        if content is None:
            self.cut = True
        else:
            self.pictures.append(Picture(media_type[:NAME_CHARACTERS_MAX], content))

    def sound(self, media_type: str, data: str) -> None:
        content = self._bytes(data) if len(self.sounds) < SOUNDS_MAX else None
        if content is None:
            self.cut = True
        else:
            self.sounds.append(Sound(media_type[:NAME_CHARACTERS_MAX], content))

    @staticmethod
    def _bytes(data: str) -> bytes | None:
        """None for what is too large, or none."""
        if len(data) > PICTURE_BYTES_MAX * 4 // 3 + 4:
            return None
        try:
            return base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            return None

    def link(self, link: Link) -> None:
        if len(self.links) < LINKS_MAX:
            self.links.append(link)
        else:
            self.cut = True

    def contents(self, one: Contents) -> None:
        """Of a resource. What is no text, picture or sound is only named."""
        if isinstance(one, types.TextResourceContents):
            self.text(one.text)
        elif (one.mime_type or "").startswith("image/"):
            self.picture(one.mime_type or "", one.blob)
        elif (one.mime_type or "").startswith("audio/"):
            self.sound(one.mime_type or "", one.blob)
        else:
            self.link(Link(str(one.uri)[:ABOUT_CHARACTERS_MAX], media_type=(one.mime_type or "")[:NAME_CHARACTERS_MAX]))

    def block(self, block: Any) -> None:
        if isinstance(block, types.TextContent):
            self.text(block.text)
        elif isinstance(block, types.ImageContent):
            self.picture(block.mime_type, block.data)
        elif isinstance(block, types.AudioContent):
            self.sound(block.mime_type, block.data)
        elif isinstance(block, types.ResourceLink):
            about, name = block.description or "", block.title or block.name
            self.link(
                Link(
                    str(block.uri)[:ABOUT_CHARACTERS_MAX], name[:NAME_CHARACTERS_MAX], about[:ABOUT_CHARACTERS_MAX],
                    (block.mime_type or "")[:NAME_CHARACTERS_MAX],
                )
            )  # fmt: skip
        elif isinstance(block, types.EmbeddedResource):
            self.contents(block.resource)
        else:
            self.cut = True  # what a later protocol knows

    def outcome(self, *, structured: Any = None, failed: bool = False, fault: str = "") -> CallOutcome:
        text = "\n".join(self.texts)
        return CallOutcome(
            text, structured, tuple(self.pictures), tuple(self.sounds), tuple(self.links), failed, self.cut, fault
        )


def of_call(result: types.CallToolResult, promised: Mapping[str, Any] | None) -> CallOutcome:
    """`promised`: the schema that its tool declared for structured results."""
    kept = _Collector()
    for block in result.content:
        kept.block(block)
    structured, fault = _structured(result, promised)
    return kept.outcome(structured=structured, failed=result.is_error, fault=fault)


def of_contents(contents: Iterable[Contents]) -> CallOutcome:
    kept = _Collector()
    for one in contents:
        kept.contents(one)
    return kept.outcome()


def of_block(block: Any) -> CallOutcome:
    kept = _Collector()
    kept.block(block)
    return kept.outcome()


def _structured(result: types.CallToolResult, promised: Mapping[str, Any] | None) -> tuple[Any, str]:
    value = result.structured_content
    if value is None:
        lacks = promised is not None and not result.is_error
        return None, "The tool promised a structured result and gave none." if lacks else ""
    if len(json.dumps(value, ensure_ascii=False)) > STRUCTURED_CHARACTERS_MAX:
        return None, "The structured result is too large and was left out."
    if promised is not None and (fault := misfit(promised, value, TOO_MUCH)):
        return None, f"The result is not what the tool promised: {fault}. That part was left out."
    return value, ""
