"""Tools of other programs, over the Model Context Protocol: declared in ~/.agentrc, each kept apart from the others."""
