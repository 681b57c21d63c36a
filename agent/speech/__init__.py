"""Carryon's own words: what came of a request, said in the user's tone, length, format, language, with no model."""
