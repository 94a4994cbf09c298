"""Stage Passages: the ledger's moves of a deal summed up, one row per deal and stage, which figures are read from.

The ledger is the truth. Its row and the passages are written in one transaction, under the lock of the deal that moves;
a daily job compares them, chunk by chunk, and mends what differs.
"""

from collections import defaultdict

import frappe
from frappe import _
from frappe.utils import cint, get_datetime, now

from crm_pipeline.chain import jobs, link_kinds, locks
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stage_visits import Move, gaps, key_of, visits_of

DOCTYPE, EVENT = "Stage Passage", "Pipeline Event"
KINDS = ("Created", "Stage")
JOB = "Stage Passages"
CHUNK = 500

# What a row says, beside whose it is.
VALUES = ("company", "first_entered", "last_left", "seconds", "longest_seconds", "visits", "went_to")
LAST_LEFT = VALUES.index("last_left")
STANDARD = ("name", "creation", "modified", "owner", "modified_by")

Key = tuple[str, str]


def follow(event) -> None:
	"""after_insert() of a Pipeline Event: the passages of the deal that it is about."""
	if event.kind in KINDS and event.reference_doctype in DEALS:
		write(event.reference_doctype, [event.reference_name])


def values_on_entering(doc, left: str | None, entered: str) -> dict:
	"""What a deal stores of its way when it leaves stage `left` for `entered`: the seconds of its earlier visits there, and
	the key of all stages that it has left. One query of an index."""
	if doc.is_new():
		return {"earlier_seconds": 0, "passed_stages": 0}
	passage = frappe.qb.DocType(DOCTYPE)
	rows = (
		frappe.qb.from_(passage)
		.select(passage.stage, passage.seconds)
		.where((passage.reference_name == doc.name) & (passage.reference_doctype == doc.doctype))
		.where(passage.last_left.isnotnull())
		.orderby(passage.stage)
	).run()
	seconds = dict(rows)
	passed = {*seconds, left} if left else seconds
	return {"earlier_seconds": seconds.get(entered, 0), "passed_stages": key_of(passed)}


def forget(doctype: str, name: str) -> None:
	"""The passages of a deal that is deleted go with it."""
	locks.delete_rows(DOCTYPE, {"reference_doctype": doctype, "reference_name": name})


def write(doctype: str, names: list[str]) -> int:
	"""Bring the passages of these (locked, or new) deals in line with the ledger; answers of how many deals something
	differed."""
	if not names:
		return 0
	wanted, stored = expected(doctype, names), rows_of(doctype, names)
	differing = _write_keys(doctype, keys_of(wanted), {key[0]: row.passed_stages for key, row in stored.items()})
	new = []
	for key, values in wanted.items():
		row = stored.pop(key, None)
		if row is None:
			new.append((*key, *values))
		elif _values(row) != values:
			frappe.db.set_value(DOCTYPE, row.name, dict(zip(VALUES, values, strict=True)), update_modified=False)
		else:
			continue
		differing.add(key[0])
	for (deal, _stage), row in stored.items():
		frappe.db.delete(DOCTYPE, {"name": row.name})
		differing.add(deal)
	_insert(doctype, new)
	return len(differing)


def keys_of(passages: dict[Key, tuple]) -> dict[str, int]:
	"""{deal: the key of the stages that it has left}."""
	left = defaultdict(list)
	for (deal, stage), values in passages.items():
		left[deal] += [stage] if values[LAST_LEFT] else []
	return {deal: key_of(stages) for deal, stages in left.items()}


def _write_keys(doctype: str, wanted: dict[str, int], stored: dict[str, int]) -> set[str]:
	"""Store the keys that differ, in one statement per key, of which there are few; answers whose they are."""
	deals = defaultdict(list)
	for deal, key in wanted.items():
		if key != (stored.get(deal) or 0):
			deals[key].append(deal)
	for key, names in deals.items():
		locks.set_named(doctype, names, {"passed_stages": key})
	return {name for names in deals.values() for name in names}


def _insert(doctype: str, rows: list[tuple]) -> None:
	if not rows:
		return
	at, user = now(), frappe.session.user
	fields = [*STANDARD, "reference_doctype", "reference_name", "stage", *VALUES]
	standard = [(frappe.generate_hash(length=10), at, at, user, user) for _row in rows]
	values = [(*own, doctype, *row) for own, row in zip(standard, rows, strict=True)]
	frappe.db.bulk_insert(DOCTYPE, fields, values, chunk_size=CHUNK)
	link_kinds.note(DOCTYPE, {"reference_doctype": doctype})


# ---- what follows from the ledger, and what is stored


def expected(doctype: str, names: list[str]) -> dict[Key, tuple]:
	"""{(deal, stage): VALUES} as they follow from the ledger."""
	found = {}
	for name, (moves, company) in _moves(doctype, names).items():
		for stage, row in visits_of(moves).items():
			found[name, stage] = (
				company,
				row.first_entered,
				row.last_left,
				row.seconds,
				row.longest,
				row.visits,
				row.went_to,
			)
	return found


def _moves(doctype: str, names: list[str]) -> dict[str, tuple[list[Move], str | None]]:
	"""{deal: (its moves in the order of the ledger, the company of the last one)}."""
	event = frappe.qb.DocType(EVENT)
	rows = (
		frappe.qb.from_(event)
		.select(event.reference_name, event.from_value, event.to_value, event.at, event.seconds_spent, event.company)
		.where((event.reference_doctype == doctype) & event.reference_name.isin(names) & event.kind.isin(KINDS))
		.orderby(event.at)
		.orderby(event.creation)
		.orderby(event.name)
	).run()
	moves: dict[str, list[Move]] = defaultdict(list)
	companies = {}
	for name, left, entered, at, seconds, company in rows:
		moves[name].append(Move(left or None, entered or None, get_datetime(at), cint(seconds)))
		companies[name] = company
	return {name: (moves[name], companies[name]) for name in moves}


def rows_of(doctype: str, names: list[str]) -> dict[Key, dict]:
	"""{(deal, stage): row} as they are stored, each with the key that the deal has; of two rows for one, which nothing of ours writes, the second has a key of
	its own and so is never wanted."""
	passage, deal = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType(doctype)
	rows = (
		frappe.qb.from_(passage)
		.left_join(deal)
		.on(deal.name == passage.reference_name)
		.select(passage.name, passage.reference_name, passage.stage, deal.passed_stages)
		.select(*(passage[field] for field in VALUES))
		.where((passage.reference_doctype == doctype) & passage.reference_name.isin(names))
		.orderby(passage.name)
	).run(as_dict=True)
	found: dict[Key, dict] = {}
	for row in rows:
		key = (row.reference_name, row.stage)
		found[key if key not in found else (row.reference_name, f"{row.stage}\n{row.name}")] = row
	return found


def entered(doctype: str, deal: str) -> dict[str, str]:
	"""{stage: when the deal came to it first, as text} of the stages that it has been in."""
	rows = frappe.get_all(
		DOCTYPE,
		filters={"reference_doctype": doctype, "reference_name": deal},
		fields=["stage", "first_entered"],
		order_by="first_entered asc, name asc",
	)
	return {row.stage: str(row.first_entered) for row in rows if row.first_entered}


def _values(row: dict) -> tuple:
	return tuple(row[field] for field in VALUES)


# ---- repair


def reconcile() -> int:
	"""Daily job: compare the passages of every deal with the ledger; answers how many deals had drifted."""
	return jobs.run(JOB).changed


def chunks(after: list | None) -> list[tuple[str, str]]:
	"""(doctype, name after which a chunk begins) of all chunks, or of those that follow `after`."""
	found = []
	for doctype in DEALS:
		last = ""
		found.append((doctype, last))
		while len(names := _names_after(doctype, last)) == CHUNK:
			last = names[-1]
			found.append((doctype, last))
	if not after:
		return found
	return [chunk for chunk in found if (DEALS.index(chunk[0]), chunk[1]) > (DEALS.index(after[0]), after[1])]


def mend_chunk(doctype: str, after: str = "") -> int:
	"""Mend the passages of the next deals by name; answers of how many deals something differed.

	Compared is without a lock, in one snapshot; those that differ are locked, and looked at again. What the ledger lacks is
	logged once, when it is first met: nothing is lost by it.
	"""
	names = _names_after(doctype, after)
	drifted = _drifted(doctype, names)
	forgotten = _without_deal(doctype, after, names[-1] if len(names) == CHUNK else None)
	for name in forgotten:
		forget(doctype, name)
	if not drifted:
		return len(forgotten)
	locks.lock(*((doctype, name) for name in drifted))
	changed = write(doctype, drifted)
	_report_gaps(doctype, drifted)
	return changed + len(forgotten)


def _names_after(doctype: str, after: str) -> list[str]:
	deal = frappe.qb.DocType(doctype)
	rows = frappe.qb.from_(deal).select(deal.name).where(deal.name > after).orderby(deal.name).limit(CHUNK).run()
	return [name for (name,) in rows]


def _drifted(doctype: str, names: list[str]) -> list[str]:
	if not names:
		return []
	wanted, rows = expected(doctype, names), rows_of(doctype, names)
	stored, keys = {key: _values(row) for key, row in rows.items()}, keys_of(wanted)
	drifted = {key[0] for key in wanted.keys() | stored.keys() if wanted.get(key) != stored.get(key)}
	return sorted(drifted | {key[0] for key, row in rows.items() if (row.passed_stages or 0) != keys.get(key[0], 0)})


def _without_deal(doctype: str, after: str, last: str | None) -> list[str]:
	"""Names between `after` and `last` that have passages and are no deal any more."""
	passage, deal = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType(doctype)
	query = (
		frappe.qb.from_(passage)
		.left_join(deal)
		.on(deal.name == passage.reference_name)
		.select(passage.reference_name)
		.distinct()
		.where((passage.reference_doctype == doctype) & (passage.reference_name > after) & deal.name.isnull())
		.orderby(passage.reference_name)
	)
	return [name for (name,) in (query.where(passage.reference_name <= last) if last else query).run()]


def _report_gaps(doctype: str, names: list[str]) -> None:
	"""An Error Log for the deals among these whose ledger does not add up."""
	standing = dict(
		frappe.get_all(
			doctype,
			filters={"name": ("in", names)},
			fields=["name", "stage"],
			order_by="name asc",
			as_list=True,
			limit=0,
		)
	)
	moves = _moves(doctype, names)
	found = {name: gaps(moves.get(name, ([], None))[0], standing.get(name)) for name in names}
	lines = [f"{name}: {', '.join(stages)}" for name, stages in found.items() if stages]
	if lines:
		frappe.log_error(
			title=_("CRM Pipeline: the ledger of {0} deals has gaps").format(len(lines))[:140],
			message="\n".join(
				[_("Their passages hold what the ledger tells; stages at which it does not add up:"), *lines]
			),
		)
