"""What computes here, and how much of a model fits on it: device reports in, a plan and its words out.

Pure but for `memory.look`: the worker asks llama.cpp for the devices (models/worker/devices.py), the rest is sums.
Nothing is imported with the package: a worker that starts cold takes only what it needs.
"""
