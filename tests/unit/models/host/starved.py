"""A worker that may take little more memory than it has when it begins: its first argument says how many bytes."""

import resource
import sys

import psutil

# All that it will need is loaded before the limit falls.
import models.devices.room
import models.worker.seat  # noqa: F401
from models.worker import library
from models.worker.__main__ import main

library.load()
limit = psutil.Process().memory_info().vms + int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
main()
