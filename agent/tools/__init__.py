"""What Carryon can do: twenty tools, each a declaration (shipped.py) and a function imported at its first call."""
