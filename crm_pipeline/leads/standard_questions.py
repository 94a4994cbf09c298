"""The questionnaire that the standard pipelines come with: need, authority, budget, time. None of it is required.

Texts are stored in English, shown translated, and free to change. A site's own questions are never touched.
"""

import frappe

# Key, question, answers with their weights.
STANDARD = (
	("need", "Is there a real need?", "No = -2\nPerhaps = 0\nYes = 2\nUrgent = 3"),
	("authority", "Who decides?", "Unknown = 0\nSomebody Else = 1\nOur Contact Prepares It = 2\nOur Contact = 3"),
	("budget", "Is there a budget?", "No = -1\nUnknown = 0\nPlanned = 2\nApproved = 3"),
	("time", "When do they want to decide?", "Open = 0\nThis Year = 1\nThis Quarter = 2\nThis Month = 3"),
)


def rows() -> list[dict]:
	"""The rows of a new pipeline."""
	return [{"question_key": key, "question": text, "choices": choices} for key, text, choices in STANDARD]


def add_to_pipelines(names: tuple[str, ...]) -> None:
	"""Give the standard questions to those of these pipelines that ask none yet."""
	for name in names:
		if frappe.db.exists("Sales Pipeline", name) and not frappe.db.exists(
			"Qualification Question", {"parent": name, "parenttype": "Sales Pipeline"}
		):
			pipeline = frappe.get_doc("Sales Pipeline", name)
			pipeline.extend("questions", rows())
			# Install and migrate: nobody is logged in who could have the right.
			pipeline.save(ignore_permissions=True)
