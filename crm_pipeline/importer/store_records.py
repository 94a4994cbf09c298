"""Stores campaigns, activities and memos in bulk: one transaction per chunk. Days of the past are kept."""

from datetime import datetime

import frappe
from frappe.utils import escape_html, now_datetime

from crm_pipeline.chain import clean_html, link_kinds, standard_kinds
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.core.kinds import ACTIVITY_TYPE
from crm_pipeline.core.pricing import rounded
from crm_pipeline.importer import source_ids
from crm_pipeline.importer.as_stored import AsStored
from crm_pipeline.importer.record_rows import ABOUT, CUSTOMER, DEAL, DOCTYPES, PROSPECT, ImportedRecord
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import bulk_insert


class RecordFacts:
	"""What the site knows of the texts in rows of activities and memos, asked once per value."""

	def __init__(self, site: Site):
		self.site = site
		self.ways: dict[tuple, str | None] = {}

	def user(self, text: str) -> str | None:
		return self.site.more.user(text)

	def way(self, key: str | None, text: str) -> str | None:
		"""The activity type of a standard key, else that of this name."""
		if (key, text) not in self.ways:
			found = standard_kinds.name_of(ACTIVITY_TYPE, key) if key else None
			self.ways[key, text] = found or frappe.db.get_value(ACTIVITY_TYPE, text, "name")
		return self.ways[key, text]

	def subjects_of(self, records: list[ImportedRecord]) -> dict[str, tuple[str, str]]:
		"""{key: (DocType, name) of what it is about, the name "" where this load brings it}; without those whose subject
		is unknown. Where the file does not say what it is, leads come first."""
		site = self.site
		keys = {source_ids.key_of(site.mapping.source, site.company, one.about[1]): one for one in records}
		deals = site.deals_of(list(keys))
		found = {}
		for one in records:
			kinds, text = (one.about[0],) if one.about[0] else ABOUT, one.about[1]
			deal = deals.get(source_ids.key_of(site.mapping.source, site.company, text))
			for kind in kinds:
				name = deal if kind == DEAL else site.account(text) if kind == CUSTOMER else site.record(kind, text)
				if name or (kind, source_ids.same_id(text)) in site.coming:
					found[one.key] = (kind, name or "")
					break
		return found


class RecordStore:
	"""Writes the records of one table. `reject(row, why)` takes what can't be stored."""

	def __init__(self, site: Site, facts: RecordFacts, kind: str, reject, sales_import: str | None = None, naming=None):
		self.site, self.facts, self.kind, self.reject = site, facts, kind, reject
		self.doctype, self.sales_import = DOCTYPES[kind], sales_import
		self.naming = naming or self._own_naming()
		self.user = frappe.session.user
		self.refused: list[ImportedRecord] = []

	def _own_naming(self):
		# Rules and series are the framework's; who brings names of their own needs none of it.
		from crm_pipeline.importer.naming import Naming

		return Naming(self.doctype)

	def store(self, records: list[ImportedRecord]) -> tuple[int, int]:
		"""Insert those that are not there yet and commit; answers how many were stored, and how many were there already."""
		stored, already, self.refused = whole_transaction(self._store)(records)
		frappe.db.commit()  # a load commits chunk by chunk - nosemgrep
		return stored, already

	def tell_refused(self) -> None:
		for record in self.refused:
			self.reject(record.row, [record.unknown_subject])

	def _store(self, records: list[ImportedRecord]) -> tuple[int, int, list]:
		self.follow(records)
		there = source_ids.records_of(self.site.mapping.source, self.doctype, [one.key for one in records])
		new = [one for one in records if one.key not in there]
		subjects = self.facts.subjects_of(new) if self.kind != "campaigns" else {}
		refused = [one for one in new if self.kind != "campaigns" and not subjects.get(one.key, ("", ""))[1]]
		gone = {one.key for one in refused}
		new = [one for one in new if one.key not in gone]
		found = self._as_stored(new, subjects)
		rows = [found[one.key].row for one in new]
		self._name(rows)
		bulk_insert(self.doctype, rows)
		for kind in {row.get("reference_doctype") for row in rows} - {None}:
			link_kinds.note(self.doctype, {"reference_doctype": kind})
		notes = [(one.key, row["name"], one.row.line) for one, row in zip(new, rows, strict=True)]
		signs = self.site.following and self.site.following.signs_of
		moved = {key: signs(self.doctype, one) for key, one in found.items()} if signs else None
		source_ids.keep_many(self.site.mapping.source, self.doctype, notes, self.sales_import, moved)
		self.site.ids.pop(self.doctype, None)
		return len(new), len(records) - len(new) - len(refused), refused

	def follow(self, records: list[ImportedRecord]) -> None:
		"""In a move: carry over what changed in the other system of those that are here already."""
		if self.site.following:
			there = source_ids.records_of(self.site.mapping.source, self.doctype, [one.key for one in records])
			known = [one for one in records if one.key in there]
			subjects = self.facts.subjects_of(known) if self.kind != "campaigns" else {}
			known = [one for one in known if self.kind == "campaigns" or subjects.get(one.key, ("", ""))[1]]
			self.site.following.follow(self.doctype, self._as_stored(known, subjects))

	def _as_stored(self, records: list[ImportedRecord], subjects: dict) -> dict[str, AsStored]:
		make, now, parties = getattr(self, f"_{self.kind}"), now_datetime(), _parties_of(set(subjects.values()))
		found = {}
		for one in records:
			subject = subjects.get(one.key)
			guessed = () if one.row.values.get("status") else ("status",)
			found[one.key] = AsStored(make(one, now, subject, parties.get(subject)), guessed=guessed)
		return found

	def _name(self, rows: list[dict]) -> None:
		if self.kind == "campaigns":
			self.naming.give_names(rows[0]["naming_series"] if rows else "", rows)
			return
		for row in rows:
			row["name"] = self.naming.of_row(self.doctype)

	# ---- rows

	def _campaigns(self, record: ImportedRecord, now: datetime, *_rest) -> dict:
		values = record.values
		return {
			**self._standard(values["owner"], now, now),
			"naming_series": frappe.new_doc(self.doctype).naming_series,
			"title": clean_html.short(values["campaign"]),
			"campaign_type": values["kind"],
			"status": values["status"],
			"company": self.site.company,
			"sales_owner": values["owner"],
			"start_date": record.moments["starts_on"],
			"end_date": record.moments["ends_on"],
			"currency": self.site.company_currency,
			"budget": rounded(float(values["budget"] or 0), 2),
			"cost": rounded(float(values["cost"] or 0), 2),
			"description": self._rich(values["notes"]),
		}

	def _activities(self, record: ImportedRecord, now: datetime, subject: tuple, party: dict) -> dict:
		values, starts, ends = record.values, record.moments["starts_on"], record.moments["ends_on"]
		return {
			**self._standard(values["owner"], min(starts, now), now),
			**party,
			"subject": clean_html.short(values["subject"]),
			"way": values["way"],
			"direction": values["direction"],
			"status": values["status"],
			"priority": values["priority"],
			"reference_doctype": subject[0],
			"reference_name": subject[1],
			"starts_on": starts,
			"ends_on": ends,
			"duration": int((ends - starts).total_seconds()) if ends else None,
			"due_on": starts,
			"place": clean_html.short(values["place"]) or None,
			"sales_owner": values["owner"],
			"result": values["result"] or None,
			"notes": self._rich(values["notes"]),
		}

	def _memos(self, record: ImportedRecord, now: datetime, subject: tuple, party: dict) -> dict:
		values, at = record.values, record.moments["created_on"] or now
		return {
			**self._standard(values["owner"], at, now),
			**party,
			"subject": clean_html.short(values["subject"]) or None,
			"reference_doctype": subject[0],
			"reference_name": subject[1],
			"memo": self._rich(values["notes"]),
		}

	def _rich(self, text: str) -> str | None:
		if self.site.mapping.from_site:
			return clean_html.cleaned(text) or None
		return escape_html(text).replace("\n", "<br>") or None

	def _standard(self, owner: str | None, at: datetime, now: datetime) -> dict:
		return {
			"name": None,
			"owner": owner or self.user,
			"modified_by": self.user,
			"creation": at,
			"modified": now,
			"docstatus": 0,
			"idx": 0,
		}


def _parties_of(subjects: set[tuple[str, str]]) -> dict[tuple[str, str], dict]:
	"""{(DocType, name): {"customer", "prospect", "company"}}, in one query per DocType."""
	found = {}
	for kind in sorted({kind for kind, _name in subjects}):
		names = [name for one, name in subjects if one == kind and name]
		fields = ["name"] if kind == CUSTOMER else ["name", "customer", "company"]
		fields += [] if kind in (CUSTOMER, PROSPECT) else ["prospect"]
		for row in frappe.get_all(kind, filters={"name": ("in", names)}, fields=fields, order_by="name asc", limit=0):
			found[kind, row.name] = {
				"customer": row.name if kind == CUSTOMER else row.customer,
				"prospect": row.name if kind == PROSPECT else row.get("prospect"),
				"company": row.get("company"),
			}
	return found
