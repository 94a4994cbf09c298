import frappe
from frappe import _
from frappe.model.document import Document

from crm_pipeline.core.stages import LOST, WON


class PipelineStage(Document):
	def autoname(self):
		self.stage_key = frappe.scrub(self.stage_key or self.label or "").strip("_")
		self.name = f"{self.pipeline}-{self.stage_key}"

	def validate(self):
		self.validate_position()
		self.set_certain_probability()
		self.refuse_disabling_last()

	def validate_position(self):
		other = frappe.db.get_value(
			"Pipeline Stage",
			{"pipeline": self.pipeline, "position": self.position, "disabled": 0, "name": ("!=", self.name)},
			"label",
		)
		if other and not self.disabled:
			frappe.throw(
				_("{0}: position {1} of pipeline {2} is taken by stage {3}").format(
					frappe.bold(_(self.label)), self.position, self.pipeline, frappe.bold(_(other))
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
		taken_away = before and not before.disabled and (self.disabled or before.stage_type != self.stage_type)
		if not taken_away:
			return
		others = frappe.db.exists(
			"Pipeline Stage",
			{"pipeline": self.pipeline, "stage_type": before.stage_type, "disabled": 0, "name": ("!=", self.name)},
		)
		if not others:
			frappe.throw(
				_("{0} is the only {1} stage of pipeline {2}").format(
					frappe.bold(_(self.label)), _(before.stage_type), self.pipeline
				)
			)

	def on_trash(self):
		for doctype in ("Sales Opportunity", "Sales Project"):
			standing = frappe.db.count(doctype, {"stage": self.name})
			if standing:
				frappe.throw(
					_("{0} {1} stand in stage {2}. Disable it instead of deleting it.").format(
						standing, _(doctype), frappe.bold(_(self.label))
					),
					frappe.LinkExistsError,
				)
