"""Saved states of a model in memory (KV caches), kept on the disk: keys, files, budget, privacy. No llama.cpp here."""
