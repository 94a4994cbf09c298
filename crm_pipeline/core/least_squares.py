"""Ordinary least squares, small and dense."""

from collections.abc import Sequence


def solve(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
	"""The weights w that make rows x w come closest to `values`, by the normal equations.

	Raises ValueError where the columns don't decide them.
	"""
	width = len(rows[0])
	matrix = [
		[sum(row[i] * row[j] for row in rows) for j in range(width)]
		+ [sum(row[i] * value for row, value in zip(rows, values, strict=True))]
		for i in range(width)
	]
	for column in range(width):
		pivot = max(range(column, width), key=lambda r: abs(matrix[r][column]))
		if abs(matrix[pivot][column]) < 1e-9:
			raise ValueError("the columns depend on each other")
		matrix[column], matrix[pivot] = matrix[pivot], matrix[column]
		for other in range(width):
			if other != column:
				factor = matrix[other][column] / matrix[column][column]
				matrix[other] = [a - factor * b for a, b in zip(matrix[other], matrix[column], strict=True)]
	return [matrix[n][width] / matrix[n][n] for n in range(width)]
