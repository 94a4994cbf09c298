"""What changed in the other system since it moved in: carried over where nobody changed it here, else told."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_pipeline.chain import bulk_writes, locks
from crm_pipeline.core import whose_change as rules
from crm_pipeline.importer import source_ids
from crm_pipeline.importer.as_stored import AsStored
from crm_pipeline.importer.known_parties import PROSPECT
from crm_pipeline.importer.moving_in import followed_traces
from crm_pipeline.importer.moving_in.followed_fields import CHANCE, FOLLOWED, ITEMS
from crm_pipeline.importer.store_deals import ITEM, OPPORTUNITY, bulk_insert
from crm_pipeline.overrides.customer import follow_name
from crm_pipeline.parties import verification

RECORD = source_ids.DOCTYPE


@dataclass
class Change:
	"""What becomes of one record here: `taken` are names of FOLLOWED."""

	ours: frappe._dict
	facts: AsStored
	taken: list[str]

	@property
	def values(self) -> dict:
		"""{field: value} that is written."""
		groups = [one for one in FOLLOWED[self.ours.doctype] if one.name in self.taken]
		return {name: self.facts.row[name] for one in groups for name in one.fields if name in self.facts.row}


class Following:
	"""Of one move; a rehearsal writes nothing. `changed` and `kept` are {(DocType, id): labels of the fields}."""

	def __init__(self, source: str, rehearses: bool = True):
		self.source, self.rehearses = source, rehearses
		self.changed: dict[tuple[str, str], list[str]] = {}
		self.kept: dict[tuple[str, str], list[str]] = {}
		# "word = meaning" of those that the form did not have yet.
		self.new_words: list[str] = []

	@property
	def doctypes(self) -> frozenset[str]:
		"""Those of which something was carried over."""
		return frozenset(doctype for doctype, _id in self.changed)

	def signs_of(self, doctype: str, facts: AsStored) -> str:
		"""What a note keeps of a record that moves in, as JSON."""
		return json.dumps(self._there(doctype, facts), ensure_ascii=False)

	def follow(self, doctype: str, found: dict[str, AsStored]) -> None:
		"""Compare records that are here already, {id: as they would move in}, and carry over. To be called before anything
		is written in the transaction; doing it again gives the same."""
		notes = self._notes(doctype, list(found))
		ours = self._ours(doctype, [note.document for note in notes.values()])
		changes, news = [], {}
		for key, note in notes.items():
			here = ours.get(note.document)
			if not here:
				continue
			moved, there = json.loads(note.moved_values or "{}"), self._there(doctype, found[key])
			if doctype == OPPORTUNITY and here.pipeline != found[key].row["pipeline"]:
				# Somebody gave it another way to go, and so its own stages.
				there["stage"] = moved.get("stage", "")
			taken, kept = rules.changes(moved, there, rules.signs_of(here, FOLLOWED[doctype]))
			self._tell(doctype, key, taken, kept)
			if taken:
				changes.append(Change(here, found[key], taken))
			known = {**there, **{name: moved[name] for name in kept}}
			if known != moved:
				news[note.name] = (note, here if taken else None, json.dumps(known, ensure_ascii=False))
		if not self.rehearses:
			self._write(doctype, changes)
			self._note(news)

	def _tell(self, doctype: str, key: str, taken: list[str], kept: list[str]) -> None:
		meta = frappe.get_meta(doctype)
		for told, names in ((self.changed, taken), (self.kept, kept)):
			if names:
				told[doctype, key] = [meta.get_label(name) for name in names]

	# ---- as it is there, and here

	@staticmethod
	def _there(doctype: str, facts: AsStored) -> dict[str, str]:
		followed = [one for one in FOLLOWED[doctype] if one.name not in facts.guessed]
		return rules.signs_of(_told({**facts.row, "doctype": doctype}, facts.items), followed)

	def _notes(self, doctype: str, ids: list[str]) -> dict[str, frappe._dict]:
		keys = {source_ids.key_of(self.source, doctype, one): one for one in ids}
		rows = frappe.get_all(
			RECORD,
			filters={"external_key": ("in", list(keys) or [""]), "document_type": doctype},
			fields=["name", "document", "external_key", "moved_values", "modified"],
			order_by="name asc",
			limit=0,
		)
		return {keys[row.external_key]: row for row in rows}

	@staticmethod
	def _ours(doctype: str, names: list[str]) -> dict[str, frappe._dict]:
		"""{name: the record as it stands here}, with all fields that may be written."""
		columns = set(frappe.db.get_table_columns(doctype))
		wanted = {name for one in FOLLOWED[doctype] for name in one.fields}
		wanted |= {"name", "creation", "modified", "company", "customer", "prospect", "pipeline", "stage_entered_on"}
		filters = {"name": ("in", names or [""])}
		rows = frappe.get_all(doctype, filters=filters, fields=sorted(wanted & columns), order_by="name asc", limit=0)
		items = _items_of([row.name for row in rows]) if doctype == OPPORTUNITY else {}
		return {row.name: _told({**row, "doctype": doctype}, items.get(row.name, [])) for row in rows}

	# ---- carried over

	def _write(self, doctype: str, changes: list[Change]) -> None:
		if not changes:
			return
		if doctype in locks.ORDER:
			locks.lock(*((doctype, one.ours.name) for one in changes))
		now, user = now_datetime(), frappe.session.user
		together: dict[tuple, dict[str, dict]] = {}
		for one in changes:
			values = {**one.values, **_of_deal(one, now), "modified": now, "modified_by": user}
			together.setdefault(tuple(sorted(values)), {})[one.ours.name] = values
		for rows in together.values():
			bulk_writes.set_each(doctype, rows)
		if doctype == OPPORTUNITY:
			self._replace_items([one for one in changes if "amount" in one.taken])
		followed_traces.leave(doctype, changes, now)
		if doctype == PROSPECT:
			self._parties(changes)

	@staticmethod
	def _replace_items(changes: list[Change]) -> None:
		names = [one.ours.name for one in changes]
		filters = {"parenttype": OPPORTUNITY, "parent": ("in", names or [""])}
		rows = frappe.get_all(ITEM, filters=filters, pluck="name", order_by="name asc", limit=0)
		bulk_writes.delete_named(ITEM, rows)
		bulk_insert(ITEM, [{**row, "parent": one.ours.name} for one in changes for row in one.facts.items])

	@staticmethod
	def _parties(changes: list[Change]) -> None:
		"""What stands on a prospect bears its new name, and its Customer."""
		for one in changes:
			if "prospect_name" in one.taken:
				follow_name("prospect", one.ours.name, one.facts.row["prospect_name"])
			if "customer" in one.taken and one.facts.row["customer"]:
				verification.point_followers(one.ours.name, one.facts.row["customer"])

	@staticmethod
	def _note(news: dict[str, tuple]) -> None:
		"""Keep what moved. A record at which nobody worked until now is nobody's work after it either: see undo."""
		for name, (note, written, signs) in news.items():
			values = {"moved_values": signs}
			if written and get_datetime(written.modified) <= add_to_date(note.modified, seconds=1):
				values["modified"] = now_datetime()
			# One statement per record that changed, of which there are few.
			frappe.db.set_value(RECORD, name, values, update_modified=False)


def _told(row: dict, items: Iterable[dict]) -> frappe._dict:
	"""A row with what no column of it holds."""
	if row["doctype"] != OPPORTUNITY:
		return frappe._dict(row)
	lines = [f"{item['item_code']} {float(item['qty']):.6f} {float(item['rate']):.6f}" for item in items]
	chance = row["probability"] if row["own_probability"] else None
	return frappe._dict(row, **{CHANCE: chance, ITEMS: "\n".join(lines)})


def _items_of(deals: list[str]) -> dict[str, list]:
	rows = frappe.get_all(
		ITEM,
		filters={"parenttype": OPPORTUNITY, "parent": ("in", deals or [""])},
		fields=["parent", "item_code", "qty", "rate"],
		order_by="parent asc, idx asc",
		limit=0,
	)
	found: dict[str, list] = {}
	for row in rows:
		found.setdefault(row.parent, []).append(row)
	return found


def _of_deal(change: Change, now) -> dict:
	"""What follows from a deal's stage and amount together, of which one may stay ours."""
	if change.ours.doctype != OPPORTUNITY or not {"stage", "amount"} & {*change.taken}:
		return {}
	row = {**change.ours, **change.values}
	won = row["status"] == "Won"
	found = {"won_amount": row["amount"] if won else 0, "base_won_amount": row["base_amount"] if won else 0}
	if change.values.get("stage", change.ours.stage) == change.ours.stage:
		return found
	found["stage_entered_on"] = followed_traces.passages_of(change, now)[-1][1]
	if row["status"] != "Open" and not row["closed_from"]:
		found["closed_from"] = change.ours.stage
	return found
