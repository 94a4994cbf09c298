"""Duplicate Pairs: records that may be one, found by night, kept until somebody merges them or says that they are two.

Candidates come by blocking: neighbours in the order of names, and records that share an address, a number or a tax id. Each is
scored by core/pairs.py. The work grows with the number of records, not with that of pairs.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import jobs, locks, rights
from crm_pipeline.core import pairs
from crm_pipeline.core.matching import Identity
from crm_pipeline.core.pairs import Score
from crm_pipeline.core.registry import STATES
from crm_pipeline.erp import identity

DOCTYPE = "Duplicate Pair"
TWO = "Two"
# Where the names of a type stand in order, and where its tax ids and numbers are.
NAME_KEYS = {"Customer": "crm_match_name", "Sales Prospect": "match_name", "Contact": "crm_match_name"}
OWN_KEYS = {
	"Customer": ("crm_match_tax_id",),
	"Sales Prospect": ("match_tax_id", "match_email", "match_phone", "match_mobile"),
	"Sales Lead": ("email_id", "match_phone", "match_mobile"),
	"Contact": (),
}
REACH = (("Contact Email", "crm_match_email"), ("Contact Phone", "crm_match_phone"))
TYPES = tuple(OWN_KEYS)
# Records that are looked at in one transaction, neighbours of each, and records that a shared number is still a sign for.
CHUNK, WINDOW, MOST = 300, 6, 12


# ---- by night


def find_all() -> None:
	"""Every day: look through all records."""
	jobs.run(jobs.PAIRS)


def chunks(after: list | None) -> list[tuple[str, str, str]]:
	"""(DocType, key and name after which a chunk begins) of all chunks, or of those that follow `after`."""
	found: list[tuple[str, str, str]] = []
	for doctype in TYPES:
		last = ("", "")
		while rows := _names_after(doctype, *last, CHUNK):
			found.append((doctype, *last))
			last = rows[-1]
	if not after:
		return found
	return [chunk for chunk in found if _place(chunk) > _place(after)]


def _place(chunk) -> tuple:
	return TYPES.index(chunk[0]), chunk[1], chunk[2]


def _names_after(doctype: str, key: str, name: str, limit: int) -> list[tuple[str, str]]:
	"""The next (key of the name, name) in their order, those that a key was never made for first."""
	table = frappe.qb.DocType(doctype)
	column = table[NAME_KEYS[doctype]] if doctype in NAME_KEYS else table.name
	query = frappe.qb.from_(table).select(column, table.name).orderby(column).orderby(table.name).limit(limit)
	if doctype in NAME_KEYS:
		query = query.where((column > key) | ((column == key) & (table.name > name)))
	else:
		query = query.where(table.name > name)
	for condition in _alive(doctype, table):
		query = query.where(condition)
	return [(found_key or "", found) for found_key, found in query.run()]


def _alive(doctype: str, table) -> list:
	"""What is over is no duplicate that matters."""
	if doctype == "Sales Prospect":
		return [table.status == "Unverified"]
	if doctype == "Sales Lead":
		return [table.status.notin(STATES["Sales Lead"].closed)]
	return [table.disabled == 0] if doctype == "Customer" else []


def look_at(doctype: str, key: str, name: str) -> int:
	"""Score what the next records of a chunk have as candidates, and the pairs that are suspected already; answers how many
	pairs were added or taken away."""
	own = _names_after(doctype, key, name, CHUNK)
	if not own:
		return 0
	names = {found for _key, found in own}
	found = set(pairs.together(_sharing(doctype, names), MOST))
	if doctype in NAME_KEYS:
		found |= set(pairs.neighbours(own + _names_after(doctype, *own[-1], WINDOW), WINDOW))
	# Pairs of others are theirs to look at.
	candidates = {tuple(sorted(pair)) for pair in found if names & set(pair)}
	known = _known_pairs(doctype, names)
	every = {record for pair in (*candidates, *known) for record in pair} | names
	records = _identities(doctype, every)
	changed = 0
	for pair in sorted(candidates - known.keys()):
		common = _score(doctype, pair, records)
		if common and common.is_suspected:
			changed += _add(doctype, pair, common, records)
	for pair, row in sorted(known.items()):
		changed += _mend(doctype, pair, row, records)
	return changed


def look_at_two(doctype: str, first: str, second: str) -> int:
	"""Score two records alone; answers 1 where they became a suspected pair."""
	pair = tuple(sorted((first, second)))
	records = _identities(doctype, set(pair))
	found = None if pair in _known_pairs(doctype, set(pair)) else _score(doctype, pair, records)
	return _add(doctype, pair, found, records) if found and found.is_suspected else 0


def _identities(doctype: str, names: set[str]) -> dict[str, Identity]:
	"""{name: what is known}. Where one of them can't be read, all others still are."""
	known = identity.KNOWN[doctype]
	try:
		return {record.name: record for record in known(names)}
	except Exception:
		if len(names) == 1:
			frappe.log_error(
				title=_("CRM Pipeline: a record can't be compared"),
				message=f"{doctype} {min(names)}\n{frappe.get_traceback()}",
			)
			return {}
		listed = sorted(names)
		half = len(listed) // 2
		return _identities(doctype, set(listed[:half])) | _identities(doctype, set(listed[half:]))


def _score(doctype: str, pair: tuple[str, str], records: dict[str, Identity]) -> Score | None:
	if not all(name in records for name in pair):
		return None
	try:
		return pairs.score(records[pair[0]], records[pair[1]])
	except Exception:
		frappe.log_error(
			title=_("CRM Pipeline: a record can't be compared"), message=f"{doctype} {pair}\n{frappe.get_traceback()}"
		)
		return None


def _sharing(doctype: str, names: set[str]) -> dict[str, list[str]]:
	"""{key: names} of records that share an address, a number or a tax id with these."""
	groups: dict[str, list[str]] = {}
	table = frappe.qb.DocType(doctype)
	for column in OWN_KEYS[doctype]:
		for value, name in _of_same_key(table, table[column], table.name, names, _alive(doctype, table)):
			groups.setdefault(f"{column} {value}", []).append(name)
	if doctype in ("Customer", "Contact"):
		for child, column in REACH:
			for value, name in _reached_alike(doctype, child, column, names):
				groups.setdefault(f"{column} {value}", []).append(name)
	return groups


def _of_same_key(table, column, name, names: set[str], conditions: list) -> list[tuple]:
	own = frappe.qb.from_(table).select(column).distinct().where(name.isin(sorted(names)) & (column != ""))
	values = sorted({value for (value,) in own.run() if value})
	if not values:
		return []
	query = frappe.qb.from_(table).select(column, name).where(column.isin(values)).limit(CHUNK * MOST * 4)
	for condition in conditions:
		query = query.where(condition)
	return query.run()


def _reached_alike(doctype: str, child: str, column: str, names: set[str]) -> list[tuple]:
	rows, link = frappe.qb.DocType(child), frappe.qb.DocType("Dynamic Link")
	if doctype == "Contact":
		return _of_same_key(rows, rows[column], rows.parent, names, [rows.parenttype == "Contact"])
	joined = (
		frappe.qb.from_(rows)
		.join(link)
		.on((link.parent == rows.parent) & (link.parenttype == "Contact") & (link.link_doctype == doctype))
	)
	own = joined.select(rows[column]).distinct().where(link.link_name.isin(sorted(names)) & (rows[column] != ""))
	values = sorted({value for (value,) in own.run() if value})
	if not values:
		return []
	return joined.select(rows[column], link.link_name).where(rows[column].isin(values)).limit(CHUNK * MOST * 4).run()


# ---- what is stored


def _known_pairs(doctype: str, names: set[str]) -> dict[tuple[str, str], dict]:
	"""{(name, name) in order: row} of the pairs of these records, those that are two included."""
	found = {}
	for column in ("document_name", "other_name"):
		for row in frappe.get_all(
			DOCTYPE,
			filters={"document_type": doctype, column: ("in", sorted(names))},
			fields=["name", "document_name", "other_name", "decision", "score"],
			order_by="creation asc",
			limit=0,
		):
			found.setdefault(tuple(sorted((row.document_name, row.other_name))), row)
	return found


def _add(doctype: str, pair: tuple[str, str], found: Score, records: dict[str, Identity]) -> int:
	doc = frappe.new_doc(DOCTYPE)
	doc.update(
		{
			"document_type": doctype,
			"document_name": pair[0],
			"other_name": pair[1],
			"document_title": records[pair[0]].label[:140],
			"other_title": records[pair[1]].label[:140],
			"score": found.value,
			"signs": ", ".join(found.signs),
		}
	)
	# Found by the app, for whoever may see both.
	doc.insert(ignore_permissions=True)
	return 1


def _mend(doctype: str, pair: tuple[str, str], row: dict, records: dict[str, Identity]) -> int:
	"""A suspected pair of which one is gone or that has nothing in common any more is none. An answer stays."""
	if row.decision:
		return 0
	found = _score(doctype, pair, records)
	if not (found and found.is_suspected):
		locks.delete_rows(DOCTYPE, {"name": row.name})
		return 1
	if found.value != row.score:
		values = {"score": found.value, "signs": ", ".join(found.signs)}
		frappe.db.set_value(DOCTYPE, row.name, values, update_modified=False)
	return 0


def mark_not_duplicate(pair: str) -> None:
	"""Somebody says that the two of a pair are two; it is not asked again, whatever they are called later."""
	doc = frappe.get_doc(DOCTYPE, pair)
	for name in (doc.document_name, doc.other_name):
		rights.need(doc.document_type, name, "write")
	frappe.db.set_value(
		DOCTYPE, pair, {"decision": TWO, "decided_by": frappe.session.user, "decided_on": now_datetime()}
	)


def unmark_not_duplicate(pair: str) -> None:
	"""The answer is taken back."""
	doc = frappe.get_doc(DOCTYPE, pair)
	for name in (doc.document_name, doc.other_name):
		rights.need(doc.document_type, name, "write")
	frappe.db.set_value(DOCTYPE, pair, {"decision": None, "decided_by": None, "decided_on": None})


def after_merge(doctype: str, name: str) -> None:
	"""Of a record that took another one in: no pair of itself with itself, and one of each other; an answer goes first."""
	seen: set[str] = set()
	rows = [
		row
		for column in ("document_name", "other_name")
		for row in frappe.get_all(
			DOCTYPE,
			filters={"document_type": doctype, column: name},
			fields=["name", "document_name", "other_name", "decision"],
			order_by="creation asc",
			limit=0,
		)
	]
	for row in sorted(rows, key=lambda row: not row.decision):
		other = row.other_name if row.document_name == name else row.document_name
		if other == name or other in seen:
			locks.delete_rows(DOCTYPE, {"name": row.name})
		seen.add(other)
