"""The line as the registry of tools knows it: a tool by our name, arguments as JSON values, a result of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.mcp.calling.answers import done
from agent.mcp.declaring.reading import READ
from agent.mcp.errors import OfflineError, PutOffError, SecretLackingError, ServerMissingError, ServerUnreachableError
from agent.mcp.running.lines import Lines
from agent.tools.errors import AwayError
from agent.tools.results import Result
from agent.tools.servers import ServerSpec


@dataclass(frozen=True, slots=True)
class ToolLine:
    """`server`: as it was declared to the registry, with the digests that the user looked at."""

    server: ServerSpec
    lines: Lines

    def call(self, tool: str, args: Mapping[str, Any]) -> Result:
        """Raises McpError; ToolChangedError where the server says something else about the tool now; AwayError where
        an address could not be reached, so that an answer that was kept may do."""
        try:
            return self._called(tool, args)
        except (ServerMissingError, SecretLackingError):
            raise
        except (OfflineError, PutOffError, ServerUnreachableError) as error:
            if isinstance(error, OfflineError | PutOffError) or "://" in self.server.command[0]:
                raise AwayError(error.what, error.where, error.todo) from error
            raise  # a program of this machine that does not start: no network will mend that

    def _called(self, tool: str, args: Mapping[str, Any]) -> Result:
        theirs = self.server.known_as(tool)
        with self.lines.watched(self.server.name) as call:
            if theirs.name == READ:
                outcome = call.line.read(str(args["uri"]), cancel=call.stopped)
            else:
                outcome = call.line.call(
                    theirs.name, args, digest=theirs.digest, cancel=call.stopped,
                    progress=lambda step: self.lines.progressed(self.server.name, step),
                )  # fmt: skip
        return done(self.server.name, theirs.name, outcome)

    def close(self) -> None:
        self.lines.hang_up(self.server.name)
