"""Stores prospects and leads in bulk, contacts as documents: one transaction per chunk. Days of the past are kept."""

from datetime import datetime, time

import frappe
from frappe import _
from frappe.utils import escape_html, now_datetime

from crm_pipeline.chain import clean_html, link_kinds
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.core import lead as lead_rules
from crm_pipeline.core import matching
from crm_pipeline.core.person_names import first_and_last
from crm_pipeline.core.pricing import rounded
from crm_pipeline.erp import identity
from crm_pipeline.importer import source_ids
from crm_pipeline.importer.as_stored import AsStored
from crm_pipeline.importer.known_parties import CONTACT, DOCTYPES, LEAD, PROSPECT
from crm_pipeline.importer.mapping import ASK, FILL, SKIP
from crm_pipeline.importer.party_rows import ImportedParty
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import bulk_insert
from crm_pipeline.wording import text_of

EVENT = "Pipeline Event"
# Field of the file: field of the record.
FIELDS = {
	"contact": "contact_name",
	"designation": "designation",
	"email": "email_id",
	"phone": "phone",
	"mobile": "mobile_no",
	"territory": "territory",
	"campaign": "campaign",
}
OF_PROSPECT = {
	"website": "website",
	"tax_id": "tax_id",
	"street": "address_line1",
	"city": "city",
	"state": "state",
	"postcode": "pincode",
	"country": "country",
}


class PartyStore:
	"""Writes the parties of one table. `reject(row, why)` takes what can't be stored; `sales_import` is the import that
	they are part of."""

	def __init__(self, site: Site, kind: str, reject, sales_import: str | None = None, naming=None):
		self.site, self.kind, self.reject = site, kind, reject
		self.doctype = DOCTYPES[kind]
		self.sales_import = sales_import
		self.naming = naming or self._own_naming()
		self.series = frappe.new_doc(self.doctype).get("naming_series")
		self.user, self.note = frappe.session.user, _("Imported")
		self.choice = site.mapping.defaults.get("duplicates", SKIP)

	def _own_naming(self):
		# Rules and series are the framework's; who brings names of their own needs none of it.
		from crm_pipeline.importer.naming import Naming

		return Naming(self.doctype)

	def store(self, parties: list[ImportedParty]) -> tuple[int, int]:
		"""Insert those that are not there yet and commit; answers how many were stored, and how many were there already."""
		result = whole_transaction(self._store)(parties)
		self.site.ids.pop(self.doctype, None)
		frappe.db.commit()  # a load commits chunk by chunk - nosemgrep
		return result

	def _store(self, parties: list[ImportedParty]) -> tuple[int, int]:
		self.follow(parties)
		there = source_ids.records_of(self.site.mapping.source, self.doctype, [party.key for party in parties])
		new = [party for party in parties if party.key not in there]
		same = self.site.parties.same(self.kind, new)
		already, refused = len(parties) - len(new), []
		for party in [party for party in new if party.key in same]:
			if self.choice == ASK:
				refused.append((party, self._question(same[party.key])))
				continue
			why = self._complete(party, same[party.key]) if self.choice != SKIP else None
			if why:
				refused.append((party, why))
			else:
				already += 1
		new = [party for party in new if party.key not in same]
		stored = self._insert_contacts(new, refused) if self.doctype == CONTACT else self._insert(new)
		# Outside of what may be tried again: a row is rejected once.
		self.refused = refused
		return stored, already

	def follow(self, parties: list[ImportedParty]) -> None:
		"""In a move: carry over what changed in the other system of those that are here already."""
		if self.site.following:
			there = source_ids.records_of(self.site.mapping.source, self.doctype, [party.key for party in parties])
			now, known = now_datetime(), [party for party in parties if party.key in there]
			self.site.following.follow(self.doctype, {party.key: AsStored(self._row(party, now)) for party in known})

	def _row(self, party: ImportedParty, now: datetime) -> dict:
		return self._lead(party, now) if self.doctype == LEAD else self._prospect(party, now)

	def tell_refused(self) -> None:
		for party, why in self.refused:
			self.reject(party.row, [f"{next(iter(party.row.columns.values()))}: {why}"])

	# ---- in bulk

	def _insert(self, parties: list[ImportedParty]) -> int:
		now = now_datetime()
		rows = [self._row(party, now) for party in parties]
		self.naming.give_names(self.series, rows)
		bulk_insert(self.doctype, rows)
		pairs = list(zip(parties, rows, strict=True))
		bulk_insert(EVENT, [event for party, row in pairs for event in self._events(party, row)])
		link_kinds.note(EVENT, {"reference_doctype": self.doctype})
		keys = [(party.key, row["name"], party.row.line) for party, row in pairs]
		signs = self.site.following and self.site.following.signs_of
		moved = {party.key: signs(self.doctype, AsStored(row)) for party, row in pairs} if signs else None
		source_ids.keep_many(self.site.mapping.source, self.doctype, keys, self.sales_import, moved)
		return len(rows)

	def _common(self, party: ImportedParty, now: datetime) -> dict:
		values = party.values
		at = datetime.combine(party.created, time.min) if party.created else now
		agent = values.get("agent")
		owner = values.get("owner") or (self.site.facts_of("agent", agent).crm_user if agent else None)
		return {
			"name": None,
			"naming_series": self.series,
			"owner": self.user,
			"modified_by": self.user,
			"creation": at,
			"modified": now,
			"docstatus": 0,
			"idx": 0,
			"prospect_name": clean_html.short(party.name),
			"company": self.site.company,
			"sales_person": agent,
			"sales_owner": owner,
			**self._links(party),
			**{field: clean_html.short(values.get(name, "")) or None for name, field in FIELDS.items()},
		}

	def _links(self, party: ImportedParty) -> dict[str, str | None]:
		"""Records that are made where they are missing."""
		facts = self.site.parties
		links = {"channel": "Sales Channel", "industry": "Industry Type"}
		return {field: facts.named(doctype, party.values.get(field)) for field, doctype in links.items()}

	def _prospect(self, party: ImportedParty, now: datetime) -> dict:
		values = party.values
		person = values.get("kind", "").casefold() in ("person", "individual")
		customer = values.get("account")
		row = {
			**self._common(party, now),
			"prospect_kind": matching.PERSON if person else matching.ORGANISATION,
			"status": "Verified" if customer else "Unverified",
			"customer": customer,
			**{field: clean_html.short(values.get(name, "")) or None for name, field in OF_PROSPECT.items()},
		}
		return row | identity.prospect_keys(row)

	def _lead(self, party: ImportedParty, now: datetime) -> dict:
		values, site = party.values, self.site
		row = self._common(party, now)
		country = site.code_of(values.get("country", "")) or site.country_code
		converted = party.converted if party.status == lead_rules.CONVERTED else None
		return {
			**row,
			"title": clean_html.short(values.get("title") or party.name),
			"customer": values.get("account"),
			"prospect": site.standing(PROSPECT, values["prospect"]) if values.get("prospect") else None,
			"party_name": row["prospect_name"],
			"prospect_kind": matching.ORGANISATION,
			"status": party.status,
			"message": escape_html(self._message(values)) or None,
			"currency": site.currency,
			"conversion_rate": site.conversion_rate,
			"amount": party.amount,
			"base_amount": rounded(party.amount * site.conversion_rate, 2),
			"converted_on": datetime.combine(converted, time.min) if converted else None,
			"lost_reason": self._reason(party),
			"match_phone": matching.normal_phone(row["phone"], country),
			"match_mobile": matching.normal_phone(row["mobile_no"], country),
		}

	@staticmethod
	def _message(values: dict) -> str:
		"""The notes, and addresses and numbers for which a lead has no field."""
		lines = [values.get("notes", "")]
		for name, label in (("more_emails", _("Other E-mails")), ("more_phones", _("Other Numbers"))):
			if values.get(name):
				lines.append(f"{label}: {values[name]}")
		return "\n".join(filter(None, lines))

	def _reason(self, party: ImportedParty) -> str | None:
		if party.status != lead_rules.DISQUALIFIED:
			return None
		return self.site.parties.named("Sales Lost Reason", party.values.get("lost_reason")) or self.site.lost_reason

	def _events(self, party: ImportedParty, row: dict):
		"""Created on its day; converted on its day where that is known."""
		state = party.status or row["status"]
		moves = [("Created", None, state if not row.get("converted_on") else lead_rules.NEW, row["creation"])]
		if row.get("converted_on"):
			moves.append(("State", lead_rules.NEW, state, row["converted_on"]))
		for kind, left, entered, at in moves:
			yield {
				**{field: row[field] for field in ("owner", "modified_by", "docstatus", "idx")},
				"creation": row["modified"],
				"modified": row["modified"],
				"name": self.naming.of_row(EVENT),
				"reference_doctype": self.doctype,
				"reference_name": row["name"],
				"kind": kind,
				"from_value": left,
				"to_value": entered,
				"at": at,
				"by": self.user,
				"seconds_spent": int((at - row["creation"]).total_seconds()),
				"note": self.note,
				"company": row["company"],
				"prospect": row["name"] if self.doctype == PROSPECT else None,
			}

	# ---- one by one

	def _insert_contacts(self, parties: list[ImportedParty], refused: list) -> int:
		stored = 0
		for party in parties:
			values = party.values
			first, last = first_and_last(party.name)
			if values.get("first_name") or values.get("last_name"):
				first, last = values.get("first_name") or values["last_name"], values.get("last_name", "")
				last = "" if first == last else last
			doc = frappe.get_doc({"doctype": CONTACT, "first_name": first, "last_name": last})
			doc.designation = values.get("designation")
			if values.get("email"):
				doc.append("email_ids", {"email_id": values["email"], "is_primary": 1})
				for address in filter(None, values.get("more_emails", "").split(", ")):
					doc.append("email_ids", {"email_id": address})
			for field, mark in (("phone", "is_primary_phone"), ("mobile", "is_primary_mobile_no")):
				if values.get(field):
					doc.append("phone_nos", {"phone": values[field], mark: 1})
			for number in filter(None, values.get("more_phones", "").split(", ")):
				doc.append("phone_nos", {"phone": number})
			if values.get("account"):
				doc.append("links", {"link_doctype": "Customer", "link_name": values["account"]})
			elif prospect := self.site.named_prospects.name_of(values.get("company_name", "")):
				doc.append("links", {"link_doctype": PROSPECT, "link_name": prospect})
			frappe.db.savepoint("crm_import_contact")
			try:
				doc.insert()
			except frappe.ValidationError as error:
				frappe.db.rollback(save_point="crm_import_contact")
				frappe.clear_messages()
				refused.append((party, text_of(str(error))))
				continue
			source_ids.keep_many(
				self.site.mapping.source, CONTACT, [(party.key, doc.name, party.row.line)], self.sales_import
			)
			stored += 1
		return stored

	def _question(self, name: str) -> str:
		if frappe.has_permission(self.doctype, "read", doc=name):
			return _("is perhaps {0}").format(name)
		return _("is perhaps a record that you may not see")

	def _complete(self, party: ImportedParty, name: str) -> str | None:
		"""Fill the gaps of the record that it is, or write over it, by its own save with the user's own rights; answers why
		that is not possible."""
		if self.doctype == CONTACT:
			return None
		frappe.db.savepoint("crm_import_complete")
		try:
			self._fill(party, name)
		except (frappe.ValidationError, frappe.PermissionError) as error:
			frappe.db.rollback(save_point="crm_import_complete")
			frappe.clear_messages()
			may_see = frappe.has_permission(self.doctype, "read", doc=name)
			return text_of(str(error)) if may_see else self._question(name)
		return None

	def _fill(self, party: ImportedParty, name: str) -> None:
		doc = frappe.get_doc(self.doctype, name)
		fields = (
			FIELDS | {field: field for field in self._links(party)} | (OF_PROSPECT if self.doctype == PROSPECT else {})
		)
		for source, field in fields.items():
			value = self._links(party).get(field) or party.values.get(source)
			if value and doc.get(field) != value and (self.choice != FILL or not doc.get(field)):
				doc.set(field, value)
		doc.save()
