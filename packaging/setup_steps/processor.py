"""What distinguishes this processor for compiled code: the instruction sets that a compiler would make use of.

llama.cpp is built for the processor at hand (its default, up to twice as fast). The price: such a wheel may not run on
another one, so a cache that travels (a shared home folder, a restored cache in CI) must not offer it there.
"""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

# Only what changes generated code; the kernel lists much else, and that list changes with the kernel.
X86 = ("sse", "ssse", "avx", "fma", "f16c", "bmi", "popcnt", "amx", "vnni", "gfni")
ARM = ("asimd", "sve", "sme", "i8mm", "bf16", "fphp")
RISC_V = ("rv64", "rv32")
INSTRUCTION_SETS = X86 + ARM + RISC_V


def instruction_sets(cpuinfo: str) -> tuple[str, ...]:
    """The relevant words of the first processor's flags in /proc/cpuinfo, sorted."""
    for line in cpuinfo.splitlines():
        name, _, rest = line.partition(":")
        if name.strip().lower() in {"flags", "features", "isa"}:
            return tuple(sorted({word for word in rest.split() if word.startswith(INSTRUCTION_SETS)}))
    return ()


def processor_name(path: Path = Path("/proc/cpuinfo")) -> str:
    """A short text that is equal on two machines when code for one runs on the other."""
    flags = instruction_sets(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else ()
    if not flags:
        return f"{platform.machine()}-{platform.processor() or 'any'}".replace(" ", "_")
    return f"{platform.machine()}-{hashlib.sha256(' '.join(flags).encode()).hexdigest()[:8]}"
