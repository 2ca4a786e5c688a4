"""Sets of lines as sorted spans, none touching another."""

from collections.abc import Iterable, Iterator, Sequence

from scanner.model.lines import Span

LAST_LINE = 1 << 31
"""No file has more lines; a number beyond it is a mistake or an attack."""


def merged(pairs: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """The lines of all pairs (first, last). What is not a pair of real lines is left out."""
    spans: list[Span] = []
    first, last = 0, -1
    for low, high in sorted(pair for pair in pairs if 1 <= pair[0] <= pair[1] < LAST_LINE):
        if low > last + 1:
            if last > 0:
                spans.append(Span(first, last))
            first, last = low, high
        else:
            last = max(last, high)
    if last > 0:
        spans.append(Span(first, last))
    return tuple(spans)


def count(spans: Iterable[Span]) -> int:
    """How many lines they hold."""
    return sum(span.last - span.first + 1 for span in spans)


def common(left: Sequence[Span], right: Sequence[Span]) -> Iterator[Span]:
    """The lines that both hold."""
    one = two = 0
    while one < len(left) and two < len(right):
        first = max(left[one].first, right[two].first)
        last = min(left[one].last, right[two].last)
        if first <= last:
            yield Span(first, last)
        if left[one].last < right[two].last:
            one += 1
        else:
            two += 1
