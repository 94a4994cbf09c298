"""What the site knows of the texts in rows of people: links, users, campaigns, and who is there already."""

import frappe

from crm_pipeline.core import matching
from crm_pipeline.importer import source_ids
from crm_pipeline.importer.mapping import folded
from crm_pipeline.importer.masters import same_id
from crm_pipeline.importer.own_exports import own_parties
from crm_pipeline.importer.sentences import unknown

LEAD, PROSPECT, CONTACT, CAMPAIGN = "Sales Lead", "Sales Prospect", "Contact", "Sales Campaign"
DOCTYPES = {"prospects": PROSPECT, "leads": LEAD, "contacts": CONTACT}
# Links that are made where they are missing, and those that have to be there.
MADE = {"channel": ("Sales Channel", "channel_name"), "industry": ("Industry Type", "industry")}
MADE_REASON = {"lost_reason": ("Sales Lost Reason", "reason")}


class PartyFacts:
	"""Asked once per value; `site` is the load's Site."""

	def __init__(self, site):
		self.site = site
		self.made: dict[tuple[str, str], str] = {}
		self.links: dict[tuple[str, str], str | None] = {}

	def check(self, kind: str, found: dict[str, str]) -> list[tuple[str, str]]:
		"""What of a row can't be used here; replaces texts by what they are here."""
		problems = []
		for field, (doctype, _name) in {**MADE, **MADE_REASON}.items():
			if (text := found.get(field)) and not self._may_stand(doctype, text):
				problems.append((field, unknown(text)))
		for field, ask in (
			("owner", self.site.more.user),
			("campaign", self.campaign),
			("territory", self._territory),
		):
			if text := found.get(field):
				found[field] = ask(text) or ""
				problems += [] if found[field] else [(field, unknown(text))]
		if kind == "leads" and (text := found.get("prospect")) and not self.site.is_known(PROSPECT, text):
			problems.append(("prospect", unknown(text)))
		for field in ("agent", "account"):
			if text := found.get(field):
				found[field] = getattr(self.site, field)(text) or ""
				problems += [] if found[field] else self._not_known(kind, field, text, found)
		return problems

	def _not_known(self, kind: str, field: str, text: str, found: dict[str, str]) -> list[tuple[str, str]]:
		"""Why a Customer or seller can't be meant; a contact may be with a company that is none yet."""
		if kind != "contacts" or field != "account":
			return [(field, unknown(text))]
		why = self.site.named_prospects.why_not(text)
		found["company_name"] = "" if why else text
		return [(field, why)] if why else []

	def note_missing(self, found: dict[str, str]) -> None:
		"""What a usable row names is made where it is missing."""
		self.site.named_prospects.note(found.get("company_name", ""), found.get("owner", ""))
		for field, (doctype, _name) in {**MADE, **MADE_REASON}.items():
			if text := found.get(field):
				self.made.setdefault((doctype, folded(text)), text)

	def _may_stand(self, doctype: str, text: str) -> bool:
		"""Whether there is one, or the user may make it."""
		key = (doctype, folded(text))
		if key not in self.links:
			there = frappe.db.get_value(doctype, text, "name")
			self.links[key] = there or (text if frappe.has_permission(doctype, "create") else None)
		return bool(self.links[key])

	def _territory(self, text: str) -> str | None:
		return self._link("Territory", {"name": text})

	def campaign(self, text: str) -> str | None:
		known = self.site.record(CAMPAIGN, text)
		if not known and (CAMPAIGN, same_id(text)) in self.site.coming:
			return text
		return known or self._link("Sales Campaign", {"title": text}) or self._link("Sales Campaign", {"name": text})

	def _link(self, doctype: str, filters: dict) -> str | None:
		key = (doctype, str(filters))
		if key not in self.links:
			self.links[key] = frappe.db.get_value(doctype, filters, "name", order_by="name asc")
		return self.links[key]

	def make_missing(self) -> None:
		"""Channels, industries and reasons that a file names and the site lacks."""
		names = dict((*MADE.values(), *MADE_REASON.values()))
		for (doctype, key), text in self.made.items():
			found = frappe.db.get_value(doctype, text, "name")
			self.made[doctype, key] = found or frappe.get_doc({"doctype": doctype, names[doctype]: text}).insert().name

	def named(self, doctype: str, text: str | None) -> str | None:
		return self.made.get((doctype, folded(text))) if text else None

	# ---- who is there already

	def there(self, kind: str, parties: list) -> int:
		"""How many of these are there already, by their ids or by what they can be reached by."""
		known = source_ids.records_of(self.site.mapping.source, DOCTYPES[kind], [party.key for party in parties])
		return len(known.keys() | self.same(kind, [party for party in parties if party.key not in known]).keys())

	def same(self, kind: str, parties: list) -> dict[str, str]:
		"""{key of a party: the record of the site that it is}: by e-mail, or by number and name. Of another app's tables
		each record is one by itself."""
		if self.site.mapping.from_site:
			return {}
		doctype = DOCTYPES[kind]
		wanted = {sign: party.key for party in parties for sign in party.signs}
		emails = [sign for sign in wanted if "@" in sign]
		numbers = sorted({sign.partition(" ")[0] for sign in wanted if "@" not in sign})
		found = own_parties(doctype, parties)
		for name, email, label, *phones in self._like(doctype, emails, numbers):
			signs = {matching.normal_email(email), *(f"{n} {matching.normal_name(label)}" for n in phones if n)}
			for sign in signs & wanted.keys():
				found.setdefault(wanted[sign], name)
		return found

	def _like(self, doctype: str, emails: list[str], numbers: list[str]) -> list[tuple]:
		if doctype == CONTACT:
			return self._contacts(emails)
		table = frappe.qb.DocType(doctype)
		email, label = ("match_email", "prospect_name") if doctype == PROSPECT else ("email_id", "prospect_name")
		query = frappe.qb.from_(table).select(
			table.name, table.email_id, table[label], table.match_phone, table.match_mobile
		)
		if doctype == LEAD:
			# A lead that has come to its end is no hindrance for a new one.
			query = query.where(table.status.notin(("Converted", "Disqualified")))
		asked = table[email].isin(emails or [""])
		asked |= table.match_phone.isin(numbers or ["-"]) | table.match_mobile.isin(numbers or ["-"])
		return list(query.where(asked).orderby(table.creation).run())

	def _contacts(self, emails: list[str]) -> list[tuple]:
		row = frappe.qb.DocType("Contact Email")
		query = frappe.qb.from_(row).select(row.parent, row.email_id).where(row.parenttype == CONTACT)
		query = query.where(row.crm_match_email.isin(emails or [""])).orderby(row.parent)
		return [(name, email, "") for name, email in query.run()]
