import frappe
from frappe import _
from frappe.model.document import Document

from crm_pipeline.chain import incoming, read_once, standard_kinds
from crm_pipeline.core.kinds import ACTIVITY_TYPE, PHONE
from crm_pipeline.core.stages import LOST, WON
from crm_pipeline.deals import stage_records
from crm_pipeline.wording import bold


class PipelineStage(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.pipeline_stage_gate.pipeline_stage_gate import PipelineStageGate
		from crm_pipeline.crm_pipeline.doctype.pipeline_stage_task.pipeline_stage_task import PipelineStageTask
		from frappe.types import DF

		color: DF.Color | None
		control_question: DF.SmallText | None
		disabled: DF.Check
		expected_dwell_days: DF.Int
		forecast_category: DF.Literal["Omitted", "Pipeline", "Best Case", "Commit", "Closed"]
		gates: DF.Table[PipelineStageGate]
		guidance: DF.TextEditor | None
		is_control_point: DF.Check
		label: DF.Data
		pipeline: DF.Link
		position: DF.Int
		probability: DF.Percent
		stage_key: DF.Data | None
		stage_type: DF.Literal["Open", "Won", "Lost"]
		tasks: DF.Table[PipelineStageTask]
	# end: auto-generated types

	def autoname(self):
		self.stage_key = frappe.scrub(self.stage_key or self.label or "").strip("_")
		self.name = f"{self.pipeline}-{self.stage_key}"

	def validate(self):
		incoming.take_in(self)
		self.validate_position()
		self.set_certain_probability()
		self.refuse_disabling_last()
		self.refuse_other_type()
		stage_records.validate_gates(self)
		self.set_activity_types()

	def on_update(self):
		read_once.forget()
		stage_records.pass_on_outlook(self)

	def validate_position(self):
		other = frappe.db.get_value(
			"Pipeline Stage",
			{"pipeline": self.pipeline, "position": self.position, "disabled": 0, "name": ("!=", self.name)},
			"label",
		)
		if other and not self.disabled:
			frappe.throw(
				_("{0}: position {1} of pipeline {2} is taken by stage {3}").format(
					bold(_(self.label)), self.position, self.pipeline, bold(_(other))
				)
			)

	def set_certain_probability(self):
		"""A won deal is certain and a lost one is not there, whatever was typed."""
		if self.stage_type == WON:
			self.probability, self.forecast_category = 100, "Closed"
		elif self.stage_type == LOST:
			self.probability, self.forecast_category = 0, "Omitted"
		elif not 0 <= (self.probability or 0) <= 100:
			frappe.throw(_("{0} must be between 0 and 100").format(_(self.meta.get_label("probability"))))

	def refuse_disabling_last(self):
		"""A pipeline that is in use keeps an open, a won and a lost stage."""
		before = self.get_doc_before_save()
		if before and not before.disabled and (self.disabled or before.stage_type != self.stage_type):
			stage_records.refuse_losing_last(self, before.stage_type)

	def refuse_other_type(self):
		"""Deals that stand here would say Open in a won stage, and the other way round."""
		before = self.get_doc_before_save()
		if before and before.stage_type != self.stage_type:
			stage_records.refuse_while_in_use(
				self, _("{0} {1} stand in stage {2}. Its type can't be changed while they do.")
			)

	def set_activity_types(self):
		for task in self.tasks:
			task.way = task.way or standard_kinds.name_of(ACTIVITY_TYPE, PHONE)

	def before_rename(self, old: str, new: str, merge: bool = False):
		if merge:
			frappe.throw(
				_("Stages can't be merged: move the deals of {0} first, then disable it").format(_(self.label))
			)

	def after_rename(self, old: str, new: str, merge: bool = False):
		stage_records.rename_in_ledger(old, new)

	def on_trash(self):
		stage_records.refuse_while_in_use(
			self, _("{0} {1} stand in stage {2}. Disable it instead of deleting it.")
		)
		stage_records.refuse_with_history(self)
		if not self.disabled:
			stage_records.refuse_losing_last(self, self.stage_type)
		stage_records.forget_open_checks(self.name)
