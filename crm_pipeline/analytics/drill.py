"""From a figure to the list of exactly its documents: filters as the list view takes them.

A filter is (field, operator, value); a field of a child table is written "Child DocType.field".
"""

from crm_pipeline.analytics import scope
from crm_pipeline.core.chain import CREATED_DIRECTLY, SALE_TYPES

NOT_SET = ("is", "not set")


def shared(asked: scope.Scope) -> list[tuple]:
	"""What Scope.narrow() does, for a list; what the user may see is left to the list itself."""
	found: list[tuple] = [("company", "=", asked.company)]
	for field in scope.EQUAL:
		value = getattr(asked, field)
		if value == CREATED_DIRECTLY and field == "source_type":
			found.append((field, *NOT_SET))
		elif value:
			found.append((field, "=", value))
	found += [
		(field, "descendants of (inclusive)", getattr(asked, field)) for field in scope.TREES if getattr(asked, field)
	]
	return found


def sales(doctype: str) -> tuple[tuple, ...]:
	"""What `scope.sales` does to open deals and to those with an outcome, for a list."""
	return (("project_type", "in", list(SALE_TYPES)),) if doctype == scope.PROJECT else ()


def equal(field: str, value) -> tuple:
	"""A field with this value, or without one."""
	return (field, "=", value) if value else (field, *NOT_SET)


def between(field: str, first, last) -> tuple:
	"""Both days included."""
	return (field, "between", [str(first), str(last)])
