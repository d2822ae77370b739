"""Cells and tables of the Markdown pages that the measuring tools write."""

from preset_table import wilson


def percent(share, digits=1):
    return '-' if share is None else f'{100 * share:.{digits}f} %'


def share_cell(hit, of):
    """12.3 % (12.1-12.5), 123/1000"""
    return f'{100 * hit / of:.1f} % ({wilson(hit, of)}), {hit}/{of}' if of else '-'


def rare_cell(hit, of):
    return f'{hit}/{of} ({wilson(hit, of)} %)' if of else '-'


def and_list(items):
    words = [str(n) for n in items]
    return words[0] if len(words) == 1 else ', '.join(words[:-1]) + ' and ' + words[-1]


def table(head, rows):
    yield '| ' + ' | '.join(head) + ' |'
    yield '|' + '---|' * len(head)
    for row in rows:
        yield '| ' + ' | '.join(map(str, row)) + ' |'
    yield ''
