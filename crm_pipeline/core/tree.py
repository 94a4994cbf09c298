"""A tree as the database keeps it: a node holds every node between its own left and right."""

from collections.abc import Container, Iterable


def with_all_below(nodes: Iterable[tuple[str, int, int]], known: Container[str]) -> list[tuple[str, int, list[str]]]:
	"""(name, depth, those of itself and all below it that are `known`), in tree order; branches without any are
	left out. `nodes` are (name, left, right)."""
	ordered = sorted(nodes, key=lambda node: node[1])
	result, above = [], []
	for name, left, right in ordered:
		above = [edge for edge in above if edge > right]
		below = [other for other, start, _end in ordered if left <= start <= right and other in known]
		if below:
			result.append((name, len(above), below))
		above.append(right)
	return result
