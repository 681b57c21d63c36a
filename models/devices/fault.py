"""Was it the graphics card? Judged from the last words of a worker that died, as the drivers write them."""

from __future__ import annotations

from collections.abc import Sequence

FAILED = "an earlier start with the graphics card failed"
WITHOUT_CARD = "It goes on without the graphics card."
MARKS = (
    "CUDA error", "cudaMalloc failed", "ggml_cuda", "ggml_backend_cuda", "ROCm error", "MUSA error",
    "ggml_vulkan", "vk::", "ErrorDeviceLost", "ErrorOutOfDeviceMemory", "VK_ERROR",
    "ggml_metal", "ggml_backend_metal", "MTLCommandBuffer",
)  # fmt: skip


def is_the_cards(last_words: Sequence[str]) -> bool:
    """Whether a driver of a graphics card complained before the end."""
    return any(mark in line for line in last_words for mark in MARKS)
