"""What can go wrong with the library.

BadRequestError
├── NoArtifactError   no artifact, version or timer of that id
├── NoTextError       words that would be written over what is none
├── TooLargeError     more than one artifact may hold
└── NotImportedError  a file that cannot be brought in
BrokenError
└── BlobDamagedError  content that no longer has its SHA-256
"""

from agent.errors import BadRequestError, BrokenError


class NoArtifactError(BadRequestError):
    """There is no such thing in the library."""


class NoTextError(BadRequestError):
    """This is no text."""


class TooLargeError(BadRequestError):
    """This is larger than one artifact may be."""


class NotImportedError(BadRequestError):
    """The file was not brought in."""


class BlobDamagedError(BrokenError):
    """The content of this version was damaged on the disk."""
