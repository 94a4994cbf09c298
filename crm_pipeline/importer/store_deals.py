"""Stores opportunities, their item row and their back-dated ledger in bulk: one transaction per chunk.

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
from crm_pipeline.core.dwell import seconds_spent
from crm_pipeline.core.outcomes import outcome_of
from crm_pipeline.core.pricing import Line, price_line, rounded
from crm_pipeline.core.stages import LOST, OPEN, WON
from crm_pipeline.importer.deals import ImportedDeal, same_id
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.site import Site

OPPORTUNITY, ITEM, EVENT = "Sales Opportunity", "Sales Deal Item", "Pipeline Event"


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
					f"between opportunity {first} and {last} two ids are the same to the database; make them differ"
				) from error
			raise
		frappe.db.commit()  # a load commits chunk by chunk - nosemgrep
		return made

	def _insert(self, deals: list[ImportedDeal]) -> int:
		there = {same_id(external_id) for external_id in self._stored_ids(deals)}
		new = [deal for deal in deals if same_id(deal.external_id) not in there]
		now = now_datetime()
		rows = [self._opportunity(deal, now) for deal in new]
		self.naming.give_names(self.series, rows)
		pairs = list(zip(new, rows, strict=True))
		_bulk_insert(OPPORTUNITY, rows)
		_bulk_insert(ITEM, [self._item(deal, row) for deal, row in pairs if deal.product])
		_bulk_insert(EVENT, [event for deal, row in pairs for event in self._events(deal, row, now)])
		link_kinds.note(EVENT, {"reference_doctype": OPPORTUNITY})
		passages.write(OPPORTUNITY, [row["name"] for row in rows])
		return len(new)

	@staticmethod
	def _stored_ids(deals: list[ImportedDeal]) -> list[str]:
		ids = [deal.external_id for deal in deals]
		return frappe.get_all(
			OPPORTUNITY,
			filters={"external_id": ("in", ids)},
			pluck="external_id",
			order_by="external_id asc",
			limit=0,
		)

	def _opportunity(self, deal: ImportedDeal, now: datetime) -> dict:
		site = self.site
		customer = site.account(deal.account) if deal.account else None
		party = site.facts_of("account", customer) if customer else frappe._dict()
		agent = site.agent(deal.agent) if deal.agent else None
		amount = rounded(float(deal.amount), self.precision)
		base_amount = rounded(amount * site.conversion_rate, self.base_precision)
		party_name = party.customer_name or site.prospect.prospect_name
		title = deal.title or " - ".join(part for part in (deal.product, party_name) if part)
		return {
			**self._standard(now),
			"name": None,
			"naming_series": self.series,
			"title": clean_html.copied(title)[:140],
			"customer": customer,
			"prospect": None if customer else site.prospect.name,
			"party_name": party_name,
			"company": site.company,
			"sales_person": agent,
			"sales_owner": site.facts_of("agent", agent).crm_user if agent else None,
			"territory": party.territory,
			"pipeline": deal.stage.pipeline,
			"stage": deal.stage.name,
			"status": deal.stage.type,
			"probability": deal.stage.probability,
			"forecast_category": deal.stage.forecast_category,
			"stage_entered_on": _midnight(deal.history[-1][1]),
			"closed_from": _last_open_stage(deal),
			"opened_on": deal.history[0][1],
			"closed_on": deal.closed_on if deal.stage.type != OPEN else None,
			"expected_close": deal.expected_close,
			"lost_reason": site.lost_reason if deal.stage.type == LOST else None,
			"currency": site.currency,
			"conversion_rate": site.conversion_rate,
			"selling_price_list": site.price_list,
			"items_total": amount if deal.product else 0.0,
			"amount": amount,
			"base_amount": base_amount,
			"outcome": outcome_of(deal.stage.type, deal.stage.type),
			"won_amount": amount if deal.stage.type == WON else 0.0,
			"base_won_amount": base_amount if deal.stage.type == WON else 0.0,
			"description": escape_html(deal.details).replace("\n", "<br>") or None,
			"external_id": deal.external_id,
		}

	def _item(self, deal: ImportedDeal, opportunity: dict) -> dict:
		item = self.site.product(deal.product)
		facts = self.site.facts_of("product", item)
		amount = opportunity["amount"]
		# Without a value the row stays without a price: a list price here would give the deal an amount
		# that the file does not know.
		line = Line(qty=1.0, rate=amount, price_list_rate=facts.list_price if amount else 0.0)
		priced = price_line(line, self.site.conversion_rate, self.precision, self.base_precision)
		return {
			**self._standard(opportunity["creation"]),
			"name": self.naming.of_row(ITEM),
			"parent": opportunity["name"],
			"parenttype": OPPORTUNITY,
			"parentfield": "items",
			"idx": 1,
			"item_code": item,
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

	def _events(self, deal: ImportedDeal, opportunity: dict, now: datetime) -> Iterator[dict]:
		"""Created in the first stage that is known, then a move per further stage, each on its day."""
		previous, entered = None, None
		for position, (stage, day) in enumerate(deal.history):
			at = _midnight(day)
			yield {
				# Events of one moment keep their order by their creation.
				**self._standard(now + timedelta(microseconds=position)),
				"name": self.naming.of_row(EVENT),
				"reference_doctype": OPPORTUNITY,
				"reference_name": opportunity["name"],
				"kind": "Stage" if previous else "Created",
				"from_value": previous,
				"to_value": stage.name,
				"at": at,
				"by": self.user,
				"seconds_spent": seconds_spent(entered, at),
				"note": self.note,
				**{field: opportunity[field] for field in ("pipeline", "company", "customer", "prospect")},
			}
			previous, entered = stage.name, at

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
			.where(deal.external_id.isin([d.external_id for d in deals]))
			.groupby(deal.stage, item.item_code, deal.sales_person)
		).run(as_dict=True)


def _last_open_stage(deal: ImportedDeal) -> str | None:
	"""Out of which stage a closed deal was closed."""
	open_stages = [stage.name for stage, _day in deal.history if stage.type == OPEN]
	return open_stages[-1] if open_stages and deal.stage.type != OPEN else None


def _midnight(day) -> datetime:
	return datetime.combine(day, time.min)


def _bulk_insert(doctype: str, rows: list[dict]) -> None:
	if rows:
		fields = list(rows[0])
		frappe.db.bulk_insert(doctype, fields, [tuple(row[f] for f in fields) for row in rows], chunk_size=len(rows))
