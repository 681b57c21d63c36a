"""One turn of a conversation: what was asked, decided, done and said. turn.py is the page to read."""
