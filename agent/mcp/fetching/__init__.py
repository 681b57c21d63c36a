"""Commands such as uvx and npx, read, and what they name installed once."""
