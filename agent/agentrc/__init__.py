"""`~/.agentrc`: every personal setting in one text file, checked, layered, explained, edited without harm."""
