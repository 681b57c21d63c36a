"""Text as SQLite can hold it."""


def storable(text: str) -> str:
    """Halves of a surrogate pair, which some toolkits hand over, are no UTF-8: pairs are joined, a lone half becomes
    the replacement sign. All other text comes back as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
