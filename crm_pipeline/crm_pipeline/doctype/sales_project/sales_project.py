import frappe
from frappe import _

from crm_pipeline.analytics import indexes, stall_verdicts
from crm_pipeline.chain import pipelines, status
from crm_pipeline.core import chain
from crm_pipeline.core.stages import WON
from crm_pipeline.deals import stage_moves
from crm_pipeline.documents.deal_document import Deal
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold


class SalesProject(Deal):
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
		if self.status == stage_moves.COMPLETED and became_sale and pipelines.stage(self.stage).type != WON:
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
