"""Filters, columns and orders as somebody saved them: the same of the fields as 0.4 has them. Data in, data out."""

import json

from crm_pipeline.core.registry import DEALS, WINNERS
from crm_pipeline.patches.v0_4.name_winners import split

WON_BY = "won_by"
DROPPED = {"Sales Contract Item": "requested_qty", "Sales Order Request": "conversion_key"}
# The document that has these rows.
TABLES = {"Sales Contract Item": "Sales Contract"}
NAMES = (WON_BY, *DROPPED.values())


def followed(text: str | None, about: str) -> str | None:
	"""The JSON of a view about a DocType as it is now; what can't be read, or names none of the fields, as it was."""
	if not text or not any(name in text for name in NAMES):
		return text
	try:
		found = json.loads(text)
	except ValueError:
		return text
	new = _followed(found, about)
	return text if new == found else json.dumps(new)


def followed_by_name(text: str | None) -> str | None:
	"""The same for filters {field: value or [operator, value]} of deals, as a mailed report has them."""
	try:
		found = json.loads(text or "")
	except ValueError:
		return text
	if not isinstance(found, dict) or WON_BY not in found:
		return text
	new = dict(found)
	value = new.pop(WON_BY)
	operator, result = value if isinstance(value, list) and len(value) == 2 else ("=", value)
	rules = _filters([WON_BY, operator, result], DEALS[0]) or [[WON_BY, operator, result]]
	new |= {field: [operator, result] for field, operator, result in rules}
	return text if new == found else json.dumps(new)


def _followed(value, about: str):
	if isinstance(value, dict):
		return {
			key: _followed(part, about)
			for key, part in value.items()
			if not (_is_order(key) and _is_dropped(part, about))
		}
	if not isinstance(value, list):
		return value
	found = []
	for part in value:
		if _is_dropped(part, about):
			continue
		found += _filters(part, about) or [_followed(part, about)]
	return found


def _is_order(key: str) -> bool:
	return key in ("sort_by", "sort_by_next", "order_by")


def _is_dropped(part, about: str) -> bool:
	"""A column (field, or field and DocType), a filter (DocType, field, ...) or an order by a field that is gone."""
	pairs = list(DROPPED.items())
	if isinstance(part, dict):
		# A column of a list or of a grid.
		fields = {field for doctype, field in DROPPED.items() if about in (doctype, TABLES.get(doctype))}
		return part.get("fieldname") in fields
	if isinstance(part, str):
		return any(
			(part == field and about == doctype) or f"`tab{doctype}`.`{field}`" in part for doctype, field in pairs
		)
	if not isinstance(part, list) or len(part) < 2 or not all(isinstance(word, str) for word in part[:2]):
		return False
	return (part[0], part[1]) in pairs or (part[1], part[0]) in pairs


def _filters(part, about: str) -> list | None:
	"""A filter on the words as filters on type and name; None for anything else."""
	if not isinstance(part, list) or WON_BY not in part[:2]:
		return None
	at = part.index(WON_BY)
	doctype = part[0] if at else about
	if doctype not in DEALS or len(part) < at + 3:
		return None
	operator, result = part[at + 1], part[at + 2]
	of = lambda field, operator, result: [*part[:at], field, operator, result, *part[at + 3 :]]  # noqa: E731
	if isinstance(result, list):
		return [of(WON_BY, operator, [winner.name if (winner := split(str(words))) else words for words in result])]
	words = str(result or "").strip("% ")
	winner = None if words in WINNERS else split(words)
	kind = winner.doctype if winner else words if words in WINNERS else None
	if not kind or operator not in ("=", "!=", "like", "not like"):
		return None
	if operator in ("!=", "not like"):
		return (
			[of(WON_BY, operator, str(result).replace(f"{kind} ", "", 1))]
			if winner
			else [of("won_by_type", "!=", kind)]
		)
	by_type = [of("won_by_type", "=", kind)]
	return [*by_type, of(WON_BY, operator, str(result).replace(f"{kind} ", "", 1))] if winner else by_type
