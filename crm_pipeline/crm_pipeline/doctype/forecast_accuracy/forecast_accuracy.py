from frappe.model.document import Document


class ForecastAccuracy(Document):
	"""Written by analytics/snapshots.py, week by week."""
