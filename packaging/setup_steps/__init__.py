"""The steps that bootstrap.py takes: one idea a file, standard library only, nothing of Carryon imported."""
