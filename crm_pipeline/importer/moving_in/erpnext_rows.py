"""ERPNext's own CRM as rows of an import: what becomes what is said here, and in docs/moving-in.md."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property

import frappe
from frappe.utils import flt, get_datetime

from crm_pipeline.core import moving_in as rules
from crm_pipeline.importer.moving_in import erpnext_agreements, old_tables
from crm_pipeline.importer.moving_in.erpnext_campaigns import Campaigns
from crm_pipeline.importer.moving_in.old_items import OldItems
from crm_pipeline.importer.moving_in.old_words import Words

LEAD, DEAL, PROSPECT = "Lead", "Opportunity", "Prospect"
# How a lead is called that becomes a prospect, since its deals need one.
OF_LEAD = "Lead: "
# How 16 says by which click somebody came, beside source and campaign.
OF_CLICK = (("UTM Medium", "utm_medium"), ("UTM Content", "utm_content"))


class ErpnextRows:
	"""Rows of one company; `words` says what values mean. Each method gives {field of the import: value}."""

	agreements = staticmethod(erpnext_agreements.contract_notices)

	def __init__(self, words: Words):
		self.words = words
		self.company = words.company
		self.items, self.of_campaigns = OldItems(), Campaigns()
		# {deal: its own amount minus that of its items}.
		self.differing: dict[str, float] = {}

	# ---- which records

	def own(self, doctype: str) -> list[str]:
		"""Records of the company, and those of none."""
		if not old_tables.first_column(doctype, "company"):
			return old_tables.names(doctype)
		return frappe.get_all(
			doctype,
			or_filters=[["company", "=", self.company], ["company", "is", "not set"]],
			pluck="name",
			order_by="creation asc, name asc",
			limit=0,
		)

	@cached_property
	def customers(self) -> dict[str, dict[str, str]]:
		"""{DocType of the CRM: {its record: the Customer made of it}}."""
		found: dict[str, dict[str, str]] = {LEAD: {}, DEAL: {}, PROSPECT: {}}
		fields = {LEAD: "lead_name", DEAL: "opportunity_name", PROSPECT: "prospect_name"}
		for row in old_tables.rows("Customer", [*fields.values(), "creation"]):
			for doctype, name in fields.items():
				if row.get(name):
					found[doctype].setdefault(row[name], row.name)
		return found

	@cached_property
	def prospect_of_lead(self) -> dict[str, str]:
		"""{lead: id of its prospect}: the Prospect that it is in, else one that stands for its firm where it has a deal."""
		known, found = self.own(PROSPECT), {}
		stands = set(known)
		for row in old_tables.rows("Prospect Lead", ["parent", "idx", "lead"], {"parenttype": PROSPECT}):
			if row.parent in stands:
				found.setdefault(row.lead, row.parent)
		deals = old_tables.rows(DEAL, ["party_name", "company", "creation"], {"opportunity_from": LEAD})
		with_deals = dict.fromkeys(row.party_name for row in deals if row.company in (self.company, "", None))
		waiting = [one for one in with_deals if one not in found and one not in self.customers[LEAD]]
		firms = {}
		for part in old_tables.chunks(LEAD, ["company_name"], waiting):
			firms.update({row.name: row.company_name for row in part})
		for lead, first in rules.same_firm(firms, known).items():
			found[lead] = first if first in stands else f"{OF_LEAD}{first}"
		return found

	# ---- campaigns and parties

	def campaigns(self) -> Iterator[dict]:
		yield from self.of_campaigns.rows()

	def prospects(self) -> Iterator[dict]:
		fields = ["company_name", "industry", "territory", "website", "prospect_owner", "creation"]
		for part in old_tables.chunks(PROSPECT, fields, self.own(PROSPECT)):
			for row in part:
				yield {
					"external_id": row.name,
					"prospect": row.company_name or row.name,
					"industry": row.industry,
					"territory": self.words.link("Territory", row.territory),
					"website": row.website,
					"owner": self.words.owner(row.prospect_owner),
					"created_on": self.words.happened(row.creation),
					"account": self.customers[PROSPECT].get(row.name),
				}
		standing = dict.fromkeys(
			one.removeprefix(OF_LEAD) for one in self.prospect_of_lead.values() if one.startswith(OF_LEAD)
		)
		yield from self._prospects_of_leads(list(standing))

	def _prospects_of_leads(self, leads: list[str]) -> Iterator[dict]:
		for part in old_tables.chunks(LEAD, self._lead_fields, leads):
			for row in part:
				found = self._person(row)[0]
				yield {
					**{field: found.get(field) for field in ("email", "phone", "mobile", "industry", "territory")},
					**{field: found.get(field) for field in ("channel", "campaign", "owner", "created_on", "contact")},
					"external_id": f"{OF_LEAD}{row.name}",
					"prospect": row.company_name or row.lead_name,
					"kind": "Organisation" if row.company_name else "Person",
					"website": row.website,
					"city": row.city,
					"state": row.state,
					"country": self.words.link("Country", row.country),
				}

	# ---- leads

	@cached_property
	def _lead_fields(self) -> list[str]:
		return [
			*("lead_name", "company_name", "title", "job_title", "email_id", "phone", "mobile_no", "industry", "city"),
			*(
				"territory",
				"country",
				"state",
				"status",
				"lead_owner",
				"disabled",
				"creation",
				"website",
				"request_type",
			),
			*("type", "market_segment", "no_of_employees", "whatsapp_no", "source", "utm_source", "campaign_name"),
			*("utm_campaign", "utm_medium", "utm_content", "qualification_status", "annual_revenue"),
			*self.words.own_fields(LEAD).values(),
		]

	def leads(self) -> Iterator[dict]:
		for part in old_tables.chunks(LEAD, self._lead_fields, self.own(LEAD)):
			names = [row.name for row in part]
			converted = old_tables.first_by(DEAL, "party_name", "transaction_date", names, {"opportunity_from": LEAD})
			for row in part:
				yield self._lead(row, converted.get(row.name))

	def _lead(self, row: frappe._dict, converted: date | None) -> dict:
		found, rest = self._person(row)
		status = self.words.of("status", row.status)
		if row.disabled:
			status = "Disqualified"
		happened = converted and max(self.words.happened(converted), found["created_on"])
		customer = self.customers[LEAD].get(row.name)
		return {
			**found,
			"external_id": row.name,
			"company_name": row.company_name or row.lead_name,
			"title": row.title,
			"country": self.words.link("Country", row.country),
			"status": status,
			"converted_on": happened if status == "Converted" else None,
			"account": customer,
			"prospect": self.prospect_of_lead.get(row.name),
			"notes": "\n".join(
				text
				for text in (
					rest,
					rules.lines(
						("Disabled in ERPNext", "yes" if row.disabled else ""),
						*(
							(label, row.get(name))
							for label, name in (*KEPT_OF_LEAD, *self.words.own_fields(LEAD).items())
						),
					),
				)
				if text
			),
		}

	def _person(self, row: frappe._dict) -> tuple[dict, str]:
		usable, rest = self.words.reach(email=row.email_id, phone=row.phone, mobile=row.mobile_no)
		return {
			**usable,
			"contact": row.lead_name,
			"designation": row.job_title,
			"industry": row.industry,
			"territory": self.words.link("Territory", row.territory),
			"channel": self.words.of("channel", row.source or row.utm_source),
			"campaign": self.of_campaigns.of(row),
			"owner": self.words.owner(row.lead_owner),
			"created_on": self.words.happened(row.creation),
		}, rest

	# ---- deals

	DEAL_FIELDS = (
		*("opportunity_from", "party_name", "customer_name", "title", "opportunity_type", "status", "sales_stage"),
		*("order_lost_reason", "expected_closing", "currency", "opportunity_amount", "total", "conversion_rate"),
		*(
			"probability",
			"contact_person",
			"contact_display",
			"contact_email",
			"contact_mobile",
			"source",
			"utm_source",
		),
		*(
			"campaign",
			"utm_campaign",
			"utm_medium",
			"utm_content",
			"transaction_date",
			"opportunity_owner",
			"creation",
			"modified",
			"to_discuss",
		),
	)

	def opportunities(self) -> Iterator[dict]:
		for part in old_tables.chunks(DEAL, [*self.DEAL_FIELDS, *self.words.own_fields(DEAL).values()], self.own(DEAL)):
			names = [row.name for row in part]
			items = old_tables.children(
				"Opportunity Item", DEAL, names, ["item_code", "item_name", "qty", "rate", "amount"]
			)
			reasons = old_tables.children("Opportunity Lost Reason Detail", DEAL, names, ["lost_reason"]) or (
				old_tables.children("Lost Reason Detail", DEAL, names, ["lost_reason"])
			)
			moves, ordered = self.moves_of(names), erpnext_agreements.ordered_on(names)
			for row in part:
				deal = self._deal(row, reasons.get(row.name, []), moves.get(row.name, []), ordered.get(row.name))
				yield from self._with_items(row, deal, items.get(row.name, []))

	def stage_of(self, row: frappe._dict) -> str:
		"""The word for where a deal stands: how it ended, else its stage."""
		return row.status if row.status in rules.ERPNEXT_ENDS else row.sales_stage or row.status

	def _deal(self, row: frappe._dict, reasons: list, moves: list, ordered: date | None) -> dict:
		word = self.stage_of(row)
		is_closed = word in rules.ERPNEXT_ENDS
		opened = self._opened(row)
		closed = self._closed_on(row, moves, ordered, opened) if is_closed else None
		why = [self.words.of("lost_reason", one.lost_reason) for one in reasons if one.lost_reason]
		return {
			**self._party(row),
			"external_id": row.name,
			"title": row.title or row.customer_name or row.name,
			"stage": word,
			"is_closed": is_closed,
			"owner": self.words.owner(row.opportunity_owner),
			"created_on": opened,
			"closed_on": closed,
			"expected_close": self.words.expected(row.expected_closing),
			"currency": row.currency,
			"exchange_rate": flt(row.conversion_rate) or None,
			"probability": None if is_closed or not (chance := rules.probability(row.probability)) else f"{chance} %",
			"lost_reason": why[0] if why else None,
			"contact": row.contact_display,
			"contact_email": row.contact_email,
			"contact_phone": row.contact_mobile,
			"channel": self.words.of("channel", row.source or row.utm_source),
			"campaign": self.of_campaigns.of(row),
			"details": rules.lines(
				("Opportunity Type", row.opportunity_type),
				("Expected Closing", "" if self.words.expected(row.expected_closing) else row.expected_closing),
				("Status in ERPNext", "Closed" if row.status == "Closed" else ""),
				("Further Lost Reasons", ", ".join(why[1:])),
				("Detailed Reason", row.order_lost_reason),
				("To Discuss", row.to_discuss),
				*((label, row.get(name)) for label, name in (*OF_CLICK, *self.words.own_fields(DEAL).items())),
			),
		}

	def _closed_on(self, row, moves: list, ordered: date | None, opened: date) -> date | None:
		"""The day that an order or a stored version tells; else that of the last change, where the form says so."""
		told = [day for _before, after, day in moves if after == row.status]
		day = ordered if row.status == "Converted" and ordered else told[-1] if told else None
		if not day and self.words.last_change:
			day = self.words.happened(row.modified)
		return max(day, opened) if day else None

	def _opened(self, row: frappe._dict) -> date:
		return self.words.happened(row.transaction_date, row.creation)

	def _party(self, row: frappe._dict) -> dict:
		if row.opportunity_from == "Customer":
			return {"account": row.party_name}
		made = self.customers[DEAL].get(row.name) or self.customers.get(row.opportunity_from, {}).get(row.party_name)
		if row.opportunity_from == PROSPECT:
			return {"account": made, "prospect": row.party_name}
		prospect = self.prospect_of_lead.get(row.party_name) or (None if made else f"{OF_LEAD}{row.party_name}")
		return {"account": made, "prospect": prospect, "lead": row.party_name}

	def _with_items(self, row: frappe._dict, deal: dict, items: list) -> Iterator[dict]:
		usable, kept = self.items.of(items, is_open=deal["stage"] not in rules.ERPNEXT_ENDS)
		worth = sum(flt(item["quantity"]) * flt(item["price"]) for item in usable)
		amount, differs = rules.amount_of(worth, flt(row.opportunity_amount) or flt(row.total))
		if abs(differs) > 0.005:
			self.differing[row.name] = differs
			kept = rules.lines(("Opportunity Amount", f"{flt(row.opportunity_amount):.2f}"), ("", "")) + (
				kept and f"\n{kept}"
			)
		details = "\n".join(text for text in (deal["details"], kept) if text)
		for item in usable or [{}]:
			yield {**deal, **item, "amount": flt(amount, 6), "details": details}

	# ---- history

	def moves_of(self, deals: list[str]) -> dict[str, list[tuple[str, str, date]]]:
		"""{deal: (stage before, stage after, day)} as stored versions tell it; a site keeps them where it tracks changes."""
		found: dict[str, list] = {}
		for row in old_tables.rows(
			"Version", ["docname", "data", "creation"], {"ref_doctype": DEAL, "docname": ("in", deals or [""])}
		):
			moves = rules.version_moves(row.data, get_datetime(row.creation), "sales_stage", rules.ERPNEXT_ENDS)
			found.setdefault(row.docname, []).extend(moves)
		return found

	def history(self) -> Iterator[dict]:
		for part in old_tables.chunks(DEAL, ["transaction_date", "creation"], self.own(DEAL)):
			moves = self.moves_of([row.name for row in part])
			for row in part:
				yield from self._passages(row, moves.get(row.name, []))

	def _passages(self, row: frappe._dict, moves: list) -> Iterator[dict]:
		opened = self._opened(row)
		stages = [(before, after, day) for before, after, day in moves if self._has_stage(after)]
		if stages and self._has_stage(stages[0][0]):
			yield {"external_id": row.name, "stage": stages[0][0], "entered_on": opened}
		for _before, after, day in stages:
			yield {"external_id": row.name, "stage": after, "entered_on": max(day, opened)}

	def _has_stage(self, word: str) -> bool:
		return bool(self.words.meanings.get(("stage", word)))

	# ---- what is about them

	def memos(self) -> Iterator[dict]:
		for kind in (LEAD, PROSPECT, DEAL):
			own = self.own(kind)
			for start in range(0, len(own), old_tables.CHUNK):
				part = own[start : start + old_tables.CHUNK]
				notes = old_tables.children("CRM Note", kind, part, ["note", "added_by", "added_on", "creation"])
				for parent, found in notes.items():
					for row in found:
						yield {
							"external_id": f"CRM Note {row.name}",
							"about_type": kind,
							"about": parent,
							"notes": self.words.signed(row.note, row.added_by),
							"owner": self.words.owner(row.added_by),
							"created_on": row.added_on or row.creation,
						}
		yield from erpnext_agreements.contract_memos(self.words)

	def activities(self) -> Iterator[dict]:
		fields = ["customer_name", "customer_phone_number", "customer_skype", "customer_details", "scheduled_time"]
		fields += ["status", "customer_email", "appointment_with", "party", "owner"]
		for part in old_tables.chunks("Appointment", fields, old_tables.names("Appointment")):
			for row in part:
				yield {
					"external_id": row.name,
					"subject": f"Appointment with {row.customer_name}"[:140],
					"about_type": row.appointment_with,
					"about": row.party,
					"starts_on": row.scheduled_time,
					"way": "Meeting",
					"status": "Done" if row.status == "Closed" else None,
					"notes": rules.lines(
						("E-Mail", row.customer_email),
						("Phone", row.customer_phone_number),
						("Skype", row.customer_skype),
						("Details", row.customer_details),
					).replace("\n", "<br>"),
				}


KEPT_OF_LEAD = (
	("Lead Type", "type"),
	("Request Type", "request_type"),
	("Market Segment", "market_segment"),
	("Qualification", "qualification_status"),
	("No of Employees", "no_of_employees"),
	("Annual Revenue", "annual_revenue"),
	("WhatsApp", "whatsapp_no"),
	("Website", "website"),
	("City", "city"),
	("State", "state"),
	*OF_CLICK,
)
