import frappe
from frappe import _

from crm_pipeline.analytics import indexes, stall_verdicts
from crm_pipeline.chain import pipelines, status
from crm_pipeline.core import chain
from crm_pipeline.core.outcomes import COMPLETED
from crm_pipeline.core.stages import WON
from crm_pipeline.deals import stage_moves
from crm_pipeline.documents.deal_document import Deal
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold


class SalesProject(Deal):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.sales_deal_check.sales_deal_check import SalesDealCheck
		from crm_pipeline.crm_pipeline.doctype.sales_deal_competitor.sales_deal_competitor import SalesDealCompetitor
		from crm_pipeline.crm_pipeline.doctype.sales_deal_contact.sales_deal_contact import SalesDealContact
		from crm_pipeline.crm_pipeline.doctype.sales_deal_item.sales_deal_item import SalesDealItem
		from crm_pipeline.crm_pipeline.doctype.sales_project_member.sales_project_member import SalesProjectMember
		from crm_pipeline.crm_pipeline.doctype.sales_project_milestone.sales_project_milestone import SalesProjectMilestone
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
		department: DF.Link | None
		description: DF.TextEditor | None
		earlier_seconds: DF.Int
		end_date: DF.Date | None
		erp_project: DF.Link | None
		expected_close: DF.Date | None
		external_id: DF.Data | None
		forecast_category: DF.Literal["", "Omitted", "Pipeline", "Best Case", "Commit", "Closed"]
		is_stalled: DF.Check
		items: DF.Table[SalesDealItem]
		items_total: DF.Currency
		lessons: DF.Text | None
		lost_detail: DF.SmallText | None
		lost_reason: DF.Link | None
		lost_to: DF.Link | None
		members: DF.Table[SalesProjectMember]
		milestones: DF.Table[SalesProjectMilestone]
		naming_series: DF.Literal["SPRJ-.YYYY.-.#####"]
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
		project_evaluation: DF.Literal["", "Excellent", "Good", "Fair", "Poor"]
		project_type: DF.Literal["Sales", "Marketing", "Service", "Internal"]
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
		start_date: DF.Date | None
		status: DF.Literal["Open", "Won", "Lost", "Completed"]
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
		self.set_project_type()
		self.set_people()
		self.set_money()
		self.validate_order_of_dates(("start_date", "end_date"))
		self.validate_milestones()
		stage_moves.follow_stage(self)
		self.validate_completed()

	def validate_party(self):
		"""A marketing or internal project is about nobody in particular."""
		if self.project_type == "Sales" or self.customer or self.prospect:
			super().validate_party()

	def set_project_type(self):
		self.project_type = chain.project_type(self.source_type, self.project_type)

	def validate_completed(self):
		"""A completed sales project counts as won: nobody wins one by calling a finished service a sale."""
		became_sale = self.project_type == "Sales" and self.has_value_changed("project_type")
		if self.status == COMPLETED and became_sale and pipelines.stage(self.stage).type != WON:
			frappe.throw(
				_("{0}: {1} was completed without being won. Reopen it before it becomes a sales project.").format(
					bold(_(self.meta.get_label("project_type"))), bold(self.title)
				),
				title=_("Not Won"),
			)

	def validate_milestones(self):
		for row in self.milestones:
			if not row.status:
				status.set_status(row, "Open")
			if row.status == "Done" and not row.completed_on:
				row.completed_on = user_today()
			if self.start_date and row.due_date and frappe.utils.getdate(row.due_date) < frappe.utils.getdate(
				self.start_date
			):
				frappe.throw(
					_("Row {0}: {1} of milestone {2} is before the project starts").format(
						row.idx, _(row.meta.get_label("due_date")), bold(row.milestone)
					)
				)


def on_doctype_update():
	indexes.make("Sales Project")
