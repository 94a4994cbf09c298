"""A mail about a lead is a sign of life: its score follows."""

from crm_pipeline.scoring import lead_scores


def follow(doc, method=None):
	"""after_insert and after_delete of Communication."""
	if doc.reference_doctype == "Sales Lead":
		lead_scores.note_happened(doc.reference_doctype, doc.reference_name)
