import frappe
from frappe.model.document import Document


class SalesPipeline(Document):
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

	def on_update(self):
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
			frappe.db.set_value("Sales Pipeline", name, "is_default", 0)
