"""Child process that computes. The only importer of llama.cpp; start it with `python -m models.worker`."""
