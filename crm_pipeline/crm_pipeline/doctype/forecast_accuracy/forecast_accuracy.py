from frappe.model.document import Document


class ForecastAccuracy(Document):
	"""Written by analytics/snapshots.py, week by week."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		basis: DF.Data | None
		best: DF.Check
		bias: DF.Float
		company: DF.Link
		comparisons: DF.Int
		horizon: DF.Int
		known: DF.Check
		mape: DF.Float
		method: DF.Data
		scope: DF.Literal["Both", "Opportunities", "Sales Projects"]
		taken_on: DF.Date
		wape: DF.Float
	# end: auto-generated types

