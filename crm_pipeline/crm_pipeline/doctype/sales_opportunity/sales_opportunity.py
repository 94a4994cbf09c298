from crm_pipeline.analytics import indexes, stall_verdicts
from crm_pipeline.chain import optional_steps
from crm_pipeline.deals import stage_moves
from crm_pipeline.documents.deal_document import Deal


class SalesOpportunity(Deal):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.sales_deal_check.sales_deal_check import SalesDealCheck
		from crm_pipeline.crm_pipeline.doctype.sales_deal_competitor.sales_deal_competitor import SalesDealCompetitor
		from crm_pipeline.crm_pipeline.doctype.sales_deal_contact.sales_deal_contact import SalesDealContact
		from crm_pipeline.crm_pipeline.doctype.sales_deal_item.sales_deal_item import SalesDealItem
		from frappe.types import DF

		amount: DF.Currency
		base_amount: DF.Currency
		base_won_amount: DF.Currency
		billed_amount: DF.Currency
		campaign: DF.Link | None
		channel: DF.Link | None
		checks: DF.Table[SalesDealCheck]
		closed_from: DF.Link | None
		closed_on: DF.Date | None
		company: DF.Link
		competitors: DF.Table[SalesDealCompetitor]
		contacts: DF.Table[SalesDealContact]
		conversion_key: DF.Data | None
		conversion_rate: DF.Float
		currency: DF.Link
		customer: DF.Link | None
		delivered_amount: DF.Currency
		description: DF.TextEditor | None
		earlier_seconds: DF.Int
		expected_close: DF.Date | None
		external_id: DF.Data | None
		external_key: DF.Data | None
		external_source: DF.Data | None
		forecast_category: DF.Literal["", "Omitted", "Pipeline", "Best Case", "Commit", "Closed"]
		is_stalled: DF.Check
		items: DF.Table[SalesDealItem]
		items_total: DF.Currency
		lessons: DF.Text | None
		lost_detail: DF.SmallText | None
		lost_reason: DF.Link | None
		lost_to: DF.Link | None
		naming_series: DF.Literal["OPP-.YYYY.-.#####"]
		next_step: DF.Data | None
		next_step_date: DF.Date | None
		not_stalled_reason: DF.Data | None
		not_stalled_until: DF.Date | None
		opened_on: DF.Date | None
		ordered_amount: DF.Currency
		outcome: DF.Literal["", "Won", "Lost"]
		own_forecast_category: DF.Check
		own_probability: DF.Check
		paid_amount: DF.Currency
		party_name: DF.Data | None
		passed_stages: DF.Int
		pipeline: DF.Link | None
		probability: DF.Percent
		prospect: DF.Link | None
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		selling_price_list: DF.Link | None
		source_name: DF.DynamicLink | None
		source_type: DF.Link | None
		stage: DF.Link | None
		stage_entered_on: DF.Datetime | None
		stalled_reasons: DF.SmallText | None
		stalled_score: DF.Int
		status: DF.Literal["Open", "Won", "Lost"]
		territory: DF.Link | None
		title: DF.Data
		won_amount: DF.Currency
		won_by: DF.DynamicLink | None
		won_by_type: DF.Link | None
	# end: auto-generated types

	def on_change(self):
		if not self.flags.in_delete:
			stall_verdicts.follow(self)

	def validate(self):
		self.take_in()
		self.set_people()
		self.set_money()
		stage_moves.follow_stage(self)
		if self.has_value_changed("pipeline"):
			optional_steps.require_before(self, "Sales Lead")


def on_doctype_update():
	indexes.make("Sales Opportunity")
