"""ERPNext's Project and Tasks behind a Sales Project, made on demand."""

import frappe


def make(sales_project) -> str:
	"""Insert a Project with one Task per open milestone; answers the Project's name."""
	project = frappe.new_doc("Project")
	project.update(
		{
			"project_name": _free_name(sales_project),
			"company": sales_project.company,
			"customer": sales_project.customer,
			"expected_start_date": sales_project.start_date,
			"expected_end_date": sales_project.end_date,
			"department": sales_project.department,
		}
	)
	for member in sales_project.members:
		# The team knows already: no invitation, which would also need an outgoing mail account.
		project.append("users", {"user": member.user, "welcome_email_sent": 1})
	project.insert()
	for milestone in sales_project.milestones:
		if milestone.status == "Open" and not milestone.task:
			milestone.db_set("task", _make_task(project.name, milestone), update_modified=False)
	return project.name


def _free_name(sales_project) -> str:
	"""Project names are unique in ERPNext; ours need not be."""
	title = sales_project.title
	return f"{title} ({sales_project.name})" if frappe.db.exists("Project", {"project_name": title}) else title


def _make_task(project: str, milestone) -> str:
	task = frappe.new_doc("Task")
	task.update(
		{
			"subject": milestone.milestone,
			"project": project,
			"exp_end_date": milestone.due_date,
			"is_milestone": 1,
			"description": milestone.notes,
		}
	)
	return task.insert().name
