"""Lists longer than WhatsApp shows, a page at a time."""

#: Most rows that WhatsApp shows in a list.
MAX_LIST_ROWS = 10
#: The row that leads to the next page; after the last one the list starts over.
MORE = "more"


def shown_options(options: tuple[str, ...], page: int) -> tuple[str, ...]:
    """The options of one page; those of a long list end with MORE."""
    if len(options) <= MAX_LIST_ROWS:
        return options
    first = page * (MAX_LIST_ROWS - 1)
    return (*options[first : first + MAX_LIST_ROWS - 1], MORE)


def next_page(options: tuple[str, ...], page: int) -> int:
    return (page + 1) % -(-len(options) // (MAX_LIST_ROWS - 1))
