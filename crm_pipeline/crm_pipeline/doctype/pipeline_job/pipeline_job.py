from frappe.model.document import Document


class PipelineJob(Document):
	"""How far a long job has come; see chain/jobs.py."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		changed: DF.Int
		done: DF.Int
		failed: DF.Int
		finished_on: DF.Datetime | None
		job: DF.Data
		position: DF.SmallText | None
		started_on: DF.Datetime | None
		status: DF.Literal["Running", "Done"]
	# end: auto-generated types

