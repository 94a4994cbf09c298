"""Frappe CRM as rows of an import: what becomes what is said here, and in docs/moving-in.md."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property

import frappe
from frappe.utils import escape_html, flt, get_datetime, getdate

from crm_pipeline.core import moving_in as rules
from crm_pipeline.importer.moving_in import old_tables
from crm_pipeline.importer.moving_in.old_items import OldItems
from crm_pipeline.importer.moving_in.old_words import Words

LEAD, DEAL, ORGANIZATION = "CRM Lead", "CRM Deal", "CRM Organization"
OF_DEAL = "Deal: "
REACHED = {"Completed": "Reached", **dict.fromkeys(("No Answer", "Busy", "Failed", "Canceled"), "Not Reached")}


class FrappeCrmRows:
	"""Rows of the whole app: it knows no companies. `words` says what values mean."""

	agreements = None

	def __init__(self, words: Words):
		self.words = words
		self.items = OldItems()
		self.differing: dict[str, float] = {}

	# ---- parties

	@cached_property
	def ends(self) -> dict[str, str]:
		"""{status of a deal: Won or Lost} of those that end one."""
		return ends_of(old_tables.rows("CRM Deal Status", ["type", "creation"]))

	@cached_property
	def customers(self) -> dict[str, str]:
		"""{organization: the one Customer of its name}."""
		firms, found = {name.casefold(): name for name in old_tables.names(ORGANIZATION)}, {}
		twice = set()
		for row in old_tables.rows("Customer", ["customer_name", "creation"]):
			organization = firms.get((row.customer_name or "").casefold())
			if organization:
				twice |= {organization} & found.keys()
				found[organization] = row.name
		return {organization: name for organization, name in found.items() if organization not in twice}

	@cached_property
	def bought(self) -> dict[str, str]:
		"""{deal: the Customer that ERPNext made of it}, where the two are connected."""
		rows = old_tables.rows("Customer", ["crm_deal", "creation"])
		return {row.crm_deal: row.name for row in rows if row.crm_deal}

	def prospects(self) -> Iterator[dict]:
		fields = ["organization_name", "website", "industry", "territory", "owner", "creation"]
		for part in old_tables.chunks(ORGANIZATION, fields, old_tables.names(ORGANIZATION)):
			for row in part:
				yield {
					"external_id": row.name,
					"prospect": row.organization_name or row.name,
					"website": row.website,
					"industry": row.industry,
					"territory": self.words.link("Territory", row.territory),
					"owner": self.words.owner(row.owner),
					"created_on": self.words.happened(row.creation),
					"account": self.customers.get(row.name),
				}
		yield from self._prospects_of_deals()

	def _prospects_of_deals(self) -> Iterator[dict]:
		"""A deal without an organization, or of one that is gone, stands on a prospect of its own."""
		firms = set(old_tables.names(ORGANIZATION))
		deals = old_tables.rows(DEAL, ["organization", "creation"])
		without = [row.name for row in deals if row.organization not in firms]
		fields = [
			"lead_name",
			"organization_name",
			"first_name",
			"last_name",
			"email",
			"mobile_no",
			"phone",
			"creation",
		]
		for part in old_tables.chunks(DEAL, [*fields, "deal_owner", "organization"], without):
			for row in part:
				usable, _rest = self.words.reach(email=row.email, phone=row.phone, mobile=row.mobile_no)
				person = row.lead_name or " ".join(filter(None, (row.first_name, row.last_name)))
				yield {
					**usable,
					"external_id": f"{OF_DEAL}{row.name}",
					"prospect": row.organization_name or row.organization or person or row.email or row.name,
					"kind": "Organisation" if row.organization_name or row.organization else "Person",
					"contact": person,
					"owner": self.words.owner(row.deal_owner),
					"created_on": self.words.happened(row.creation),
				}

	# ---- leads

	LEAD_FIELDS = (
		*(
			"lead_name",
			"first_name",
			"last_name",
			"organization",
			"job_title",
			"email",
			"phone",
			"mobile_no",
			"industry",
		),
		*("territory", "source", "status", "converted", "lead_owner", "creation", "website", "no_of_employees"),
		*("annual_revenue", "lost_reason", "lost_notes"),
	)

	def leads(self) -> Iterator[dict]:
		for part in old_tables.chunks(
			LEAD, [*self.LEAD_FIELDS, *self.words.own_fields(LEAD).values()], old_tables.names(LEAD)
		):
			deals = old_tables.first_by(DEAL, "lead", "creation", [row.name for row in part])
			for row in part:
				yield self._lead(row, deals.get(row.name))

	def _lead(self, row: frappe._dict, converted) -> dict:
		usable, rest = self.words.reach(email=row.email, phone=row.phone, mobile=row.mobile_no)
		person = row.lead_name or " ".join(filter(None, (row.first_name, row.last_name)))
		status = "Converted" if row.converted else self.words.of("status", row.status)
		firm = row.organization if self.words.link(ORGANIZATION, row.organization) else None
		return {
			**usable,
			"external_id": row.name,
			"company_name": row.organization or person,
			"title": row.organization or person,
			"contact": person,
			"designation": row.job_title,
			"industry": row.industry,
			"territory": self.words.link("Territory", row.territory),
			"channel": self.words.of("channel", row.source),
			"status": status,
			"lost_reason": self.words.of("lost_reason", row.lost_reason),
			"owner": self.words.owner(row.lead_owner),
			"created_on": self.words.happened(row.creation),
			"converted_on": self.words.happened(converted) if converted and status == "Converted" else None,
			"account": self.customers.get(firm),
			"prospect": firm,
			"notes": "\n".join(
				text
				for text in (
					rest,
					rules.lines(
						("Website", row.website),
						("No of Employees", row.no_of_employees),
						("Annual Revenue", row.annual_revenue),
						("Lost Notes", row.lost_notes),
						("Territory", "" if self.words.link("Territory", row.territory) else row.territory),
						*self._own(LEAD, row),
					),
				)
				if text
			),
		}

	# ---- deals

	DEAL_FIELDS = (
		*("organization", "status", "probability", "annual_revenue", "deal_value", "expected_deal_value", "net_total"),
		*(
			"total",
			"currency",
			"exchange_rate",
			"expected_closure_date",
			"closed_date",
			"close_date",
			"next_step",
			"lead",
		),
		*(
			"deal_owner",
			"source",
			"lost_reason",
			"lost_notes",
			"creation",
			"modified",
			"lead_name",
			"email",
			"mobile_no",
		),
		*("organization_name", "first_name", "last_name", "phone"),
	)

	def opportunities(self) -> Iterator[dict]:
		for part in old_tables.chunks(
			DEAL, [*self.DEAL_FIELDS, *self.words.own_fields(DEAL).values()], old_tables.names(DEAL)
		):
			names = [row.name for row in part]
			fields = ["product_code", "product_name", "qty", "rate", "net_amount", "amount"]
			items = old_tables.children("CRM Products", DEAL, names, fields)
			moves = self.moves_of(names)
			for row in part:
				deal = self._deal(row, moves.get(row.name, []))
				yield from self._with_items(row, deal, items.get(row.name, []))

	def _deal(self, row: frappe._dict, moves: list) -> dict:
		is_closed, opened = row.status in self.ends, self.words.happened(row.creation)
		firm = self.words.link(ORGANIZATION, row.organization)
		account = self.bought.get(row.name) or (self.customers.get(firm) if firm else None)
		person = row.lead_name or " ".join(filter(None, (row.first_name, row.last_name)))
		return {
			"external_id": row.name,
			"title": f"{row.organization_name or row.organization or person or row.name}"[:140],
			"stage": row.status,
			"is_closed": is_closed,
			"account": account,
			"prospect": firm or f"{OF_DEAL}{row.name}",
			"lead": row.lead,
			"owner": self.words.owner(row.deal_owner),
			"created_on": min(opened, moves[0][1]) if moves else opened,
			"closed_on": self._closed_on(row, moves, opened) if is_closed else None,
			"expected_close": self._expected(row) or (None if is_closed else self.words.expected(row.close_date)),
			"currency": row.currency,
			"exchange_rate": flt(row.exchange_rate) or None if row.currency else None,
			"probability": None if is_closed or not (chance := rules.probability(row.probability)) else f"{chance} %",
			"lost_reason": self.words.of("lost_reason", row.lost_reason),
			"contact": person,
			"contact_email": row.email,
			"contact_phone": row.mobile_no or row.phone,
			"channel": self.words.of("channel", row.source),
			"next_step": row.next_step,
			"details": rules.lines(
				("Lost Notes", row.lost_notes),
				("Annual Revenue", row.annual_revenue),
				("Expected Closure Date", "" if self._expected(row) else row.expected_closure_date),
				*self._own(DEAL, row),
			),
		}

	def _expected(self, row: frappe._dict) -> date | None:
		return self.words.expected(row.expected_closure_date)

	def _own(self, doctype: str, row: frappe._dict) -> list[tuple[str, object]]:
		return [(label, row.get(name)) for label, name in self.words.own_fields(doctype).items()]

	def _closed_on(self, row, moves: list, opened: date) -> date | None:
		told = [day for stage, day in moves if stage == row.status]
		day = row.closed_date or row.close_date or (told[-1] if told else None)
		if not day and self.words.last_change:
			day = row.modified
		return max(self.words.happened(day), opened) if day else None

	def _with_items(self, row: frappe._dict, deal: dict, items: list) -> Iterator[dict]:
		rows = [self._item(item) for item in items]
		usable, kept = self.items.of(rows, is_open=deal["stage"] not in self.ends)
		worth = sum(flt(item["quantity"]) * flt(item["price"]) for item in usable)
		own = flt(row.deal_value) or flt(row.expected_deal_value) or flt(row.net_total) or flt(row.total)
		amount, differs = rules.amount_of(worth, own)
		if abs(differs) > 0.005:
			self.differing[row.name] = differs
			kept = rules.lines(("Deal Value", f"{own:.2f}"))
		details = "\n".join(text for text in (deal["details"], kept) if text)
		for item in usable or [{}]:
			yield {**deal, **item, "amount": flt(amount, 6), "details": details}

	@staticmethod
	def _item(item: frappe._dict) -> frappe._dict:
		"""Its price is what remains of it after the discount."""
		qty = flt(item.qty)
		rate = flt(item.net_amount) / qty if qty and item.net_amount else flt(item.rate)
		return frappe._dict(item_code=item.product_code, item_name=item.product_name, qty=qty, rate=rate)

	# ---- history

	def moves_of(self, deals: list[str]) -> dict[str, list[tuple[str, date]]]:
		"""{deal: (status, day on which it was entered)} as the status change log has it."""
		found: dict[str, list] = {}
		logs = old_tables.children(
			"CRM Status Change Log", DEAL, deals, ["from", "from_date", "to", "to_date", "creation"]
		)
		for deal, rows in logs.items():
			steps = [(row["from"], getdate(row.from_date)) for row in rows if row["from"] and row.from_date]
			last = rows[-1]
			if last.to and last.to_date and (not steps or steps[-1][0] != last.to):
				steps.append((last.to, getdate(last.to_date)))
			if steps:
				found[deal] = steps
		return found

	def history(self) -> Iterator[dict]:
		names = old_tables.names(DEAL)
		for start in range(0, len(names), old_tables.CHUNK):
			for deal, steps in self.moves_of(names[start : start + old_tables.CHUNK]).items():
				for stage, day in steps:
					if self.words.meanings.get(("stage", stage)):
						yield {"external_id": deal, "stage": stage, "entered_on": day}

	# ---- what is about them

	def memos(self) -> Iterator[dict]:
		fields = ["title", "content", "reference_doctype", "reference_docname", "owner", "creation"]
		filters = {"reference_doctype": ("in", (LEAD, DEAL, ORGANIZATION))}
		for part in old_tables.chunks("FCRM Note", fields, old_tables.names("FCRM Note", filters)):
			for row in part:
				yield {
					"external_id": f"FCRM Note {row.name}",
					"about_type": row.reference_doctype,
					"about": row.reference_docname,
					"subject": row.title,
					"notes": self.words.signed(row.content or escape_html(row.title or ""), row.owner),
					"owner": self.words.owner(row.owner),
					"created_on": row.creation,
				}

	def activities(self) -> Iterator[dict]:
		yield from self._tasks()
		yield from self._calls()

	def _tasks(self) -> Iterator[dict]:
		fields = ["title", "priority", "start_date", "assigned_to", "status", "due_date", "description", "creation"]
		fields += ["reference_doctype", "reference_docname"]
		for part in old_tables.chunks("CRM Task", fields, old_tables.names("CRM Task")):
			for row in part:
				yield {
					"external_id": f"CRM Task {row.name}",
					"subject": row.title,
					"about_type": row.reference_doctype,
					"about": row.reference_docname,
					"starts_on": row.due_date or row.start_date or row.creation,
					"way": "Task",
					"status": row.status,
					"priority": row.priority,
					"owner": self.words.owner(row.assigned_to),
					"notes": row.description,
				}

	def _calls(self) -> Iterator[dict]:
		fields = [
			"from",
			"to",
			"status",
			"start_time",
			"end_time",
			"duration",
			"type",
			"receiver",
			"caller",
			"creation",
		]
		fields += ["reference_doctype", "reference_docname", "recording_url"]
		for part in old_tables.chunks("CRM Call Log", fields, old_tables.names("CRM Call Log")):
			linked = old_tables.children(
				"Dynamic Link", "CRM Call Log", [row.name for row in part], ["link_doctype", "link_name"]
			)
			for row in part:
				links = [one for one in linked.get(row.name, ()) if one.link_doctype in (LEAD, DEAL)]
				link = links[-1] if links else frappe._dict()
				starts = get_datetime(row.start_time or row.creation)
				yield {
					"external_id": f"CRM Call Log {row.name}"[:140],
					"subject": f"Call from {row['from'] or '?'} to {row.to or '?'}",
					"about_type": row.reference_doctype or link.link_doctype,
					"about": row.reference_docname or link.link_name,
					"starts_on": starts,
					"ends_on": starts + timedelta(seconds=flt(row.duration)) if row.duration else None,
					"way": "Call",
					"direction": row.type,
					"status": "Done",
					"result": REACHED.get(row.status),
					"owner": self.words.owner(row.receiver if row.type == "Incoming" else row.caller),
					"notes": escape_html(rules.lines(("Recording", row.recording_url))),
				}


def ends_of(statuses: list[frappe._dict]) -> dict[str, str]:
	"""{status: Won or Lost}: by its type, in releases without types by its name."""
	return {row.name: end for row in statuses if (end := rules.FRAPPE_ENDS.get(row.get("type") or row.name))}
