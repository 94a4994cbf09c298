"""Stores opportunities, their item rows and their back-dated ledger in bulk: one transaction per chunk.

A document insert per row would take minutes for some thousand deals. What the document's own save would
decide is decided here by the same rules of core/: stage, price, time between two stages.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import escape_html, now_datetime

from crm_pipeline.chain import clean_html, link_kinds, passages
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.core.dwell import UNKNOWN, seconds_spent
from crm_pipeline.core.outcomes import outcome_of
from crm_pipeline.core.pricing import Line, price_line, rounded
from crm_pipeline.core.stages import LOST, OPEN, WON
from crm_pipeline.importer import source_ids
from crm_pipeline.importer.as_stored import AsStored
from crm_pipeline.importer.deals import ImportedDeal
from crm_pipeline.importer.mapping import InputError, folded
from crm_pipeline.importer.masters import ID
from crm_pipeline.importer.site import Site

OPPORTUNITY, ITEM, EVENT = "Sales Opportunity", "Sales Deal Item", "Pipeline Event"
CONTACT, MEMO, LEAD, PROSPECT = "Sales Deal Contact", "Sales Memo", "Sales Lead", "Sales Prospect"


class DealStore:
	"""Writes deals of one load. Precisions and the naming series are read once; `naming` gives names (naming.py)."""

	def __init__(self, site: Site, naming):
		self.site = site
		self.naming = naming
		doc = frappe.new_doc(OPPORTUNITY)
		doc.update({"currency": site.currency, "company": site.company})
		row = doc.append("items", {})
		self.precision, self.base_precision = row.precision("amount"), row.precision("base_amount")
		self.series = doc.naming_series
		self.user = frappe.session.user
		self.note = _("Imported")
		self.prospects: dict[str, frappe._dict] = {}
		self.own = [field.fieldname for field in site.more.own.values()]

	def store(self, deals: list[ImportedDeal]) -> int:
		"""Insert the deals that are not there yet and commit. Answers how many were inserted.

		An interruption leaves whole chunks behind, and the next run finds them by their external id.
		"""
		try:
			made = whole_transaction(self._insert)(deals)
		except Exception as error:
			if error.args and frappe.db.is_duplicate_entry(error):
				first, last = deals[0].external_id, deals[-1].external_id
				raise InputError(
					_("between opportunity {0} and {1} two ids are the same to the database; make them differ"),
					first,
					last,
				) from error
			raise
		frappe.db.commit()  # a load commits chunk by chunk - nosemgrep
		return made

	def _insert(self, deals: list[ImportedDeal]) -> int:
		self.follow(deals)
		there = self.stored_keys(deals)
		new = [deal for deal in deals if self.key_of(deal) not in there]
		self.prospects = self._prospects_of(new)
		now = now_datetime()
		rows = [self._opportunity(deal, now) for deal in new]
		self.naming.give_names(self.series, rows)
		pairs = list(zip(new, rows, strict=True))
		bulk_insert(OPPORTUNITY, rows)
		bulk_insert(ITEM, [item for deal, row in pairs for item in self._items(deal, row)])
		bulk_insert(CONTACT, [self._contact(deal, row) for deal, row in pairs if deal.person])
		bulk_insert(MEMO, [self._memo(deal, row, now) for deal, row in pairs if deal.notes])
		bulk_insert(EVENT, [event for deal, row in pairs for event in self._events(deal, row, now)])
		link_kinds.note(EVENT, {"reference_doctype": OPPORTUNITY})
		if self.site.sales_import:
			notes = [(deal.external_id, row["name"], 0) for deal, row in pairs]
			signs = self.site.following and self.site.following.signs_of
			moved = (
				{deal.external_id: signs(OPPORTUNITY, self._as_stored(deal, row)) for deal, row in pairs}
				if signs
				else {}
			)
			source_ids.keep_many(self.site.mapping.source, OPPORTUNITY, notes, self.site.sales_import, moved)
		passages.write(OPPORTUNITY, [row["name"] for row in rows])
		return len(new)

	def follow(self, deals: list[ImportedDeal]) -> None:
		"""In a move: carry over what changed in the other system of those that are here already."""
		if self.site.following:
			there, now = self.stored_keys(deals), now_datetime()
			known = [deal for deal in deals if self.key_of(deal) in there]
			self.prospects = self._prospects_of(known)
			found = {deal.external_id: self._as_stored(deal, self._opportunity(deal, now)) for deal in known}
			self.site.following.follow(OPPORTUNITY, found)

	def _as_stored(self, deal: ImportedDeal, row: dict) -> AsStored:
		return AsStored(row, list(self._items(deal, row)), deal.history)

	def key_of(self, deal: ImportedDeal) -> str:
		return source_ids.key_of(self.site.mapping.source, self.site.company, deal.external_id)

	def stored_keys(self, deals: list[ImportedDeal]) -> set[str]:
		"""Keys of those of these deals that are stored already."""
		return self.site.stored_keys([self.key_of(deal) for deal in deals])

	def _prospects_of(self, deals: list[ImportedDeal]) -> dict[str, frappe._dict]:
		"""{id of the file, or ID and name: facts of its prospect} of the deals that name one."""
		wanted = {deal.prospect: self.site.record(PROSPECT, deal.prospect) for deal in deals if deal.prospect}
		names = {deal.company_name for deal in deals if deal.company_name}
		wanted |= {ID + name: self.site.named_prospects.name_of(name) for name in names}
		fields = ["name", "prospect_name", "customer", "territory"]
		rows = frappe.get_all(
			PROSPECT,
			filters={"name": ("in", [*filter(None, wanted.values())] or [""])},
			fields=fields,
			order_by="name asc",
			limit=0,
		)
		facts = {row.name: row for row in rows}
		return {text: facts[name] for text, name in wanted.items() if name in facts}

	def _party_of(self, deal: ImportedDeal) -> frappe._dict:
		"""{"customer", "prospect", "label", "territory"}: the Customer, else the prospect, else that of those without a name."""
		wanted = deal.prospect or ID + deal.company_name
		prospect = self.prospects.get(wanted, frappe._dict())
		customer = self.site.account(deal.account) if deal.account else prospect.customer
		if customer:
			facts = self.site.facts_of("account", customer)
			return frappe._dict(customer=customer, prospect=prospect.name, label=facts.customer_name, **_place(facts))
		prospect = prospect or self.site.prospect or frappe._dict()
		return frappe._dict(customer=None, prospect=prospect.name, label=prospect.prospect_name, **_place(prospect))

	def _opportunity(self, deal: ImportedDeal, now: datetime) -> dict:
		site, party = self.site, self._party_of(deal)
		agent = site.agent(deal.agent) if deal.agent else None
		owner = deal.owner or (site.facts_of("agent", agent).crm_user if agent else None)
		currency = deal.currency or site.currency
		rate = float(deal.exchange_rate) if deal.exchange_rate else site.rate_of(deal.currency)
		amount = self.amount_of(deal)
		base_amount = rounded(amount * rate, self.base_precision)
		product = site.product(deal.product) if deal.product else ""
		title = deal.title or " - ".join(part for part in (product, party.label) if part)
		known, day = deal.last_open_stage, deal.history[-1][1]
		probability = deal.stage.probability if deal.probability is None else float(deal.probability)
		is_open = deal.stage.type == OPEN
		lead = site.lead(deal.lead) if deal.lead else None
		return {
			**self._standard(now),
			"name": None,
			"naming_series": self.series,
			"title": clean_html.short(title),
			"customer": party.customer,
			"prospect": party.prospect,
			"party_name": party.label,
			"company": site.company,
			"sales_person": agent,
			"sales_owner": owner,
			"territory": party.territory,
			"channel": site.more.channels.get(folded(deal.channel)) if deal.channel else None,
			"campaign": site.parties.campaign(deal.campaign) if deal.campaign else None,
			"source_type": LEAD if lead else None,
			"source_name": lead,
			"pipeline": deal.stage.pipeline,
			"stage": deal.stage.name,
			"status": deal.stage.type,
			"probability": probability if is_open else deal.stage.probability,
			"own_probability": int(is_open and probability != deal.stage.probability),
			"forecast_category": deal.stage.forecast_category,
			"stage_entered_on": _midnight(day) if day else None,
			"closed_from": known.name if known else None,
			"opened_on": deal.opened_on,
			"closed_on": None if is_open else deal.closed_on,
			"expected_close": deal.expected_close,
			"next_step": clean_html.short(deal.next_step) or None,
			"lost_reason": self._lost_reason(deal),
			"currency": currency,
			"conversion_rate": rate,
			"selling_price_list": site.price_list if currency == site.currency else None,
			"items_total": amount if deal.rows else 0.0,
			"amount": amount,
			"base_amount": base_amount,
			"outcome": outcome_of(deal.stage.type, deal.stage.type),
			"won_amount": amount if deal.stage.type == WON else 0.0,
			"base_won_amount": base_amount if deal.stage.type == WON else 0.0,
			"description": _html(deal.details),
			"external_id": deal.external_id,
			"external_source": site.mapping.source or None,
			"external_key": self.key_of(deal),
			**{name: None for name in self.own},
			**dict(deal.own),
		}

	def amount_of(self, deal: ImportedDeal) -> float:
		"""The amount as it is stored: that of its rows, each rounded, where it has some."""
		if not deal.items or any(item.rate is None for item in deal.items):
			return rounded(float(deal.amount), self.precision)
		return rounded(sum(self._amount_of(item) for item in deal.items), self.precision)

	def _amount_of(self, item) -> float:
		return rounded(float(item.quantity * (item.rate or 0)), self.precision)

	def _lost_reason(self, deal: ImportedDeal) -> str | None:
		if deal.stage.type != LOST:
			return None
		return self.site.more.reasons[folded(deal.lost_reason)] if deal.lost_reason else self.site.lost_reason

	# ---- rows

	def _items(self, deal: ImportedDeal, opportunity: dict) -> Iterator[dict]:
		for place, item in enumerate(deal.rows, start=1):
			amount = self._amount_of(item) if deal.items and item.rate is not None else opportunity["amount"]
			yield self._item(item, place, amount, opportunity)

	def _item(self, item, place: int, amount: float, opportunity: dict) -> dict:
		code = self.site.product(item.product)
		facts = self.site.facts_of("product", code)
		qty = float(item.quantity)
		# Without a value the row stays without a price: a list price here would give the deal an amount
		# that the file does not know; that of another currency says nothing.
		listed = facts.list_price if amount and opportunity["selling_price_list"] else 0.0
		line = Line(qty=qty, rate=amount / qty, price_list_rate=listed)
		priced = price_line(line, opportunity["conversion_rate"], self.precision, self.base_precision)
		return {
			**self._child(opportunity, "items", place, ITEM),
			"item_code": code,
			"item_name": facts.item_name,
			"qty": line.qty,
			"uom": facts.stock_uom,
			"stock_uom": facts.stock_uom,
			"conversion_factor": 1.0,
			"stock_qty": priced.stock_qty,
			"price_list_rate": line.price_list_rate,
			"discount_percentage": priced.discount_percentage,
			"rate": priced.rate,
			"amount": priced.amount,
			"base_amount": priced.base_amount,
		}

	def _contact(self, deal: ImportedDeal, opportunity: dict) -> dict:
		person = deal.person
		return {
			**self._child(opportunity, "contacts", 1, CONTACT),
			"contact_name": clean_html.short(person.name or person.email or person.phone),
			"email_id": clean_html.short(person.email) or None,
			"phone": clean_html.short(person.phone) or None,
		}

	def _child(self, opportunity: dict, field: str, place: int, doctype: str) -> dict:
		return {
			**self._standard(opportunity["creation"]),
			"name": self.naming.of_row(doctype),
			"parent": opportunity["name"],
			"parenttype": OPPORTUNITY,
			"parentfield": field,
			"idx": place,
		}

	def _memo(self, deal: ImportedDeal, opportunity: dict, now: datetime) -> dict:
		return {
			**self._standard(now),
			"name": self.naming.of_row(MEMO),
			"reference_doctype": OPPORTUNITY,
			"reference_name": opportunity["name"],
			"memo": _html(deal.notes),
			**{field: opportunity[field] for field in ("customer", "prospect", "company")},
		}

	# ---- ledger

	def _events(self, deal: ImportedDeal, opportunity: dict, now: datetime) -> Iterator[dict]:
		"""Created on its first day, then a move per further stage whose day is known, each on its day. Where nobody
		knows out of which stage a deal came, the row says so by naming none; where nobody knows since when it had been
		in that stage, by UNKNOWN seconds."""
		moves = list(self._moves(deal))
		for position, (kind, left, entered, at, seconds) in enumerate(moves):
			yield {
				# Events of one moment keep their order by their creation.
				**self._standard(now + timedelta(microseconds=position)),
				"name": self.naming.of_row(EVENT),
				"reference_doctype": OPPORTUNITY,
				"reference_name": opportunity["name"],
				"kind": kind,
				"from_value": left,
				"to_value": entered,
				"at": at,
				"by": self.user,
				"seconds_spent": seconds,
				"note": self.note,
				**{field: opportunity[field] for field in ("pipeline", "company", "customer", "prospect")},
			}

	@staticmethod
	def _moves(deal: ImportedDeal) -> Iterator[tuple]:
		known = [(stage, day) for stage, day in deal.history if day]
		opened = deal.opened_on
		kind, left, since = "Created", None, None
		if opened and (not known or known[0][1] != opened or known[0][0].type != OPEN):
			yield kind, None, None, _midnight(opened), 0
			kind = "Stage"
		for stage, day in known:
			at = _midnight(day)
			if not left and stage.type != OPEN and deal.closed_from:
				left = deal.closed_from.name
			seconds = 0 if not left else UNKNOWN if since is None else seconds_spent(since, at)
			yield kind, left, stage.name, at, seconds
			kind, left, since = "Stage", stage.name, at

	def _standard(self, at: datetime) -> dict:
		return {
			"owner": self.user,
			"modified_by": self.user,
			"creation": at,
			"modified": at,
			"docstatus": 0,
			"idx": 0,
		}

	def read_back(self, deals: list[ImportedDeal]) -> list[dict]:
		"""What the database holds of these deals: rows of stage, product, agent, count, total."""
		deal, item = frappe.qb.DocType(OPPORTUNITY), frappe.qb.DocType(ITEM)
		return (
			frappe.qb.from_(deal)
			.left_join(item)
			.on((item.parent == deal.name) & (item.parenttype == OPPORTUNITY) & (item.idx == 1))
			.select(
				deal.stage,
				item.item_code.as_("product"),
				deal.sales_person.as_("agent"),
				Count(deal.name).as_("count"),
				Sum(deal.amount).as_("total"),
			)
			.where(deal.external_key.isin([self.key_of(d) for d in deals]))
			.groupby(deal.stage, item.item_code, deal.sales_person)
		).run(as_dict=True)


def _html(text: str) -> str | None:
	return escape_html(text).replace("\n", "<br>") or None


def _place(facts) -> dict:
	return {"territory": facts.get("territory")}


def _midnight(day) -> datetime:
	return datetime.combine(day, time.min)


def bulk_insert(doctype: str, rows: list[dict]) -> None:
	"""Insert rows of equal keys in one statement; what none of them has is left to the database."""
	if rows:
		fields = [field for field in rows[0] if any(row[field] is not None for row in rows)]
		frappe.db.bulk_insert(doctype, fields, [tuple(row[f] for f in fields) for row in rows], chunk_size=len(rows))
