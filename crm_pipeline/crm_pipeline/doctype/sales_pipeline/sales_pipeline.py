import frappe
from frappe import _
from frappe.model.document import Document

from crm_pipeline.chain import incoming, pipelines, read_once, rights
from crm_pipeline.leads import lead_answers


class SalesPipeline(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_prospecting.doctype.qualification_question.qualification_question import QualificationQuestion
		from frappe.types import DF

		allow_back: DF.Check
		allow_reopen: DF.Check
		allow_skip: DF.Check
		allow_win_by_hand: DF.Check
		applies_to: DF.Literal["Sales Opportunity", "Sales Project"]
		company: DF.Link | None
		contract_step: DF.Literal["Off", "Optional", "Required"]
		description: DF.SmallText | None
		disabled: DF.Check
		is_default: DF.Check
		lead_step: DF.Literal["Off", "Optional", "Required"]
		least_points: DF.Int
		orders_by_desk: DF.Check
		pipeline_name: DF.Data
		questions: DF.Table[QualificationQuestion]
		quotation_step: DF.Literal["Off", "Optional", "Required"]
	# end: auto-generated types

	def onload(self):
		self.set_onload(
			"stages",
			frappe.get_all(
				"Pipeline Stage",
				filters={"pipeline": self.name},
				fields=["name", "label", "position", "stage_type", "probability", "disabled", "color"],
				order_by="position asc",
			),
		)
		self.set_onload("missing_types", pipelines.missing_types(self.name))

	def validate(self):
		incoming.take_in(self)
		lead_answers.follow_questions(self)

	def on_update(self):
		read_once.forget()
		self.take_over_default()

	def take_over_default(self):
		"""One default per kind of deal and company."""
		if not self.is_default:
			return
		others = frappe.get_all(
			"Sales Pipeline",
			filters={
				"applies_to": self.applies_to,
				"company": self.company or ("is", "not set"),
				"is_default": 1,
				"name": ("!=", self.name),
			},
			pluck="name",
			order_by="name asc",
		)
		for name in others:
			if not (self.flags.ignore_permissions or rights.has("Sales Pipeline", name, "write")):
				# Not named: who has no right to it may not even know of it.
				frappe.throw(
					_("Another pipeline is the default, and you have no right to change it"), frappe.PermissionError
				)
			frappe.db.set_value("Sales Pipeline", name, "is_default", 0)

	def before_rename(self, old: str, new: str, merge: bool = False):
		if merge:
			frappe.throw(_("Pipelines can't be merged: move the deals first, then disable {0}").format(old))

	def after_rename(self, old: str, new: str, merge: bool = False):
		"""Names of stages begin with the pipeline's, so that another pipeline may take the old name."""
		for stage in frappe.get_all(
			"Pipeline Stage", filters={"pipeline": new}, fields=["name", "stage_key"], order_by="position asc"
		):
			if stage.name == f"{old}-{stage.stage_key}":
				frappe.rename_doc(
					"Pipeline Stage",
					stage.name,
					f"{new}-{stage.stage_key}",
					force=True,
					show_alert=False,
					rebuild_search=False,
				)
