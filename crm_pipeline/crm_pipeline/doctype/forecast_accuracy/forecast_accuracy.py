from frappe.model.document import Document


class ForecastAccuracy(Document):
	"""Written by figures/snapshots.py, week by week."""
