"""The matrix of roles by DocType, as the DocType files give it.

Print it with `python -m tests.contract.role_matrix`, or write it between the markers of a page with
`python -m tests.contract.role_matrix docs/admin-guide.md`.
"""

import re
import sys
from pathlib import Path

from tests.contract.source import ROOT, doctypes

START, END = "<!-- roles by DocType: start -->", "<!-- roles by DocType: end -->"

# The rights of the matrix with the letter that stands for each.
RIGHTS = {
	"read": "R",
	"write": "W",
	"create": "C",
	"delete": "D",
	"submit": "S",
	"cancel": "X",
	"export": "E",
	"import": "I",
	"report": "P",
}
ROLES = (
	"Sales User",
	"Sales Manager",
	"Sales Master Manager",
	"Order Desk",
	"Accounts User",
	"System Manager",
)
LEGEND = "R read, W write, C create, D delete, S submit, X cancel, E export, I import, P report; empty: no access"

Matrix = dict[str, dict[str, frozenset[str]]]


def from_files() -> Matrix:
	"""{DocType: {role: rights}} of every DocType that has permissions of its own."""
	matrix: Matrix = {}
	for name, doctype in sorted(doctypes().items()):
		if doctype.get("istable"):
			continue
		matrix[name] = {
			row["role"]: frozenset(right for right in RIGHTS if row.get(right))
			for row in doctype.get("permissions") or []
			if not row.get("permlevel")
		}
	return matrix


def roles_of(matrix: Matrix) -> list[str]:
	"""Columns: the known roles first, others that a DocType names after them."""
	named = {role for rights in matrix.values() for role in rights}
	return [r for r in ROLES if r in named] + sorted(named - set(ROLES))


def render(matrix: Matrix) -> str:
	"""The matrix as a markdown table with its legend."""
	roles = roles_of(matrix)
	head = ["DocType", *roles]
	body = [[name, *(letters(rights.get(role, frozenset())) for role in roles)] for name, rights in matrix.items()]
	rows = [head, ["---"] * len(head), *body]
	return "\n".join([f"{LEGEND}.", "", *("| " + " | ".join(row) + " |" for row in rows)])


def letters(rights: frozenset[str]) -> str:
	return " ".join(letter for right, letter in RIGHTS.items() if right in rights)


def parse(text: str) -> Matrix:
	"""Read the table between the markers of a page; raises ValueError where it is missing or broken."""
	found = re.search(re.escape(START) + r"(.*?)" + re.escape(END), text, re.DOTALL)
	if not found:
		raise ValueError(f"the page has no table between {START} and {END}")
	lines = [line.strip() for line in found[1].splitlines() if line.strip().startswith("|")]
	rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
	head, body = rows[0], rows[2:]
	by_letter = {letter: right for right, letter in RIGHTS.items()}
	matrix: Matrix = {}
	for row in body:
		if len(row) != len(head):
			raise ValueError(f"the row of {row[0]} has {len(row)} cells instead of {len(head)}")
		cells = dict(zip(head[1:], row[1:], strict=True))
		unknown = {letter for cell in cells.values() for letter in cell.split()} - by_letter.keys()
		if unknown:
			raise ValueError(f"the row of {row[0]} has unknown letters: {', '.join(sorted(unknown))}")
		matrix[row[0]] = {
			role: frozenset(by_letter[letter] for letter in cell.split()) for role, cell in cells.items() if cell
		}
	return matrix


def write(page: Path) -> None:
	"""Put the table between the markers of `page`."""
	text = page.read_text(encoding="utf-8")
	parse_markers = re.escape(START) + r".*?" + re.escape(END)
	if not re.search(parse_markers, text, re.DOTALL):
		raise ValueError(f"{page} has no markers {START} and {END}")
	table = f"{START}\n\n{render(from_files())}\n\n{END}"
	page.write_text(re.sub(parse_markers, lambda _match: table, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
	if len(sys.argv) > 1:
		write(ROOT / sys.argv[1])
	else:
		print(render(from_files()))
