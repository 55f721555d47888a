"""Lists longer than WhatsApp shows, a page at a time."""

LONGEST_LIST = 10
#: The row that leads to the next page; after the last one the list starts over.
MORE = "more"


def shown_options(options: tuple[str, ...], page: int) -> tuple[str, ...]:
    """The options of one page; those of a long list end with MORE."""
    if len(options) <= LONGEST_LIST:
        return options
    first = page * (LONGEST_LIST - 1)
    return (*options[first : first + LONGEST_LIST - 1], MORE)


def next_page(options: tuple[str, ...], page: int) -> int:
    return (page + 1) % -(-len(options) // (LONGEST_LIST - 1))
