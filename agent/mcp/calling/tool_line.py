"""The line as the registry of tools knows it: a tool by our name, arguments as JSON values, a result of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.mcp.calling.answers import done
from agent.mcp.declaring.reading import READ
from agent.mcp.errors import (
    CallCancelledError,
    OfflineError,
    PutOffError,
    SecretLackingError,
    ServerFailedError,
    ServerMissingError,
    ServerUnreachableError,
    SessionGoneError,
    SignInNeededError,
    ToolChangedError,
)
from agent.mcp.outcomes import CallOutcome
from agent.mcp.running.lines import Lines, Watched
from agent.tools.errors import AwayError, MayHaveHappenedError
from agent.tools.foreground import Foreground
from agent.tools.results import Result
from agent.tools.servers import ServerSpec, Theirs
from sync.transports import attempt


@dataclass(frozen=True, slots=True)
class ToolLine:
    """`server`: as it was declared to the registry, with the digests that the user looked at."""

    server: ServerSpec
    lines: Lines
    foreground: Foreground = field(default_factory=Foreground)

    def call(self, tool: str, args: Mapping[str, Any]) -> Result:
        """Raises McpError; ToolChangedError where the server says something else about the tool now; AwayError where
        an address could not be reached, so that an answer that was kept may do."""
        try:
            return self._called(tool, args)
        except (ServerMissingError, SecretLackingError, SignInNeededError):
            raise  # the user can mend that
        except (OfflineError, PutOffError, ServerUnreachableError) as error:
            if isinstance(error, OfflineError | PutOffError) or "://" in self.server.command[0]:
                raise AwayError(error.what, error.where, error.todo) from error
            raise  # a program of this machine that does not start: no network will mend that

    def act(self, tool: str, args: Mapping[str, Any], key: str, begin: Callable[[], None]) -> Result:
        """Raises McpError where it surely was not done, MayHaveHappenedError where nobody knows."""
        begun = False

        def before() -> None:
            nonlocal begun
            begin()
            begun = True

        try:
            return self._called(tool, args, key, before)
        except (ServerFailedError, CallCancelledError) as error:
            if begun and not isinstance(error, SessionGoneError):
                raise MayHaveHappenedError(error.what, error.where, error.todo) from error
            raise

    def _called(
        self, tool: str, args: Mapping[str, Any], key: str = "", before: Callable[[], None] | None = None
    ) -> Result:
        theirs = self.server.known_as(tool)
        with (
            self.foreground.telling(),
            self.lines.watched(self.server.name, attempt.current().given_up) as call,
        ):
            if theirs.name == READ:
                outcome = self._read(call, args, before)
            else:
                outcome = self._asked(call, theirs, args, key, before)
        return done(self.server.name, theirs.name, outcome)

    def _asked(
        self, call: Watched, theirs: Theirs, args: Mapping[str, Any], key: str, before: Callable[[], None] | None
    ) -> CallOutcome:
        try:
            return call.line.call(
                theirs.name, args, digest=theirs.digest, key=key, cancel=call.stopped, before=before,
                progress=lambda step: self.lines.progressed(self.server.name, step),
            )  # fmt: skip
        except ToolChangedError as error:
            self.lines.found_changed(self.server.name, theirs.name, error.now)
            raise

    @staticmethod
    def _read(call: Watched, args: Mapping[str, Any], before: Callable[[], None] | None) -> CallOutcome:
        if before:
            before()
        return call.line.read(str(args["uri"]), cancel=call.stopped)

    def close(self) -> None:
        self.lines.hang_up(self.server.name)
