"""Standard stages of 0.1 that nobody has written guidance or tasks for get those of a new site."""

import frappe

from crm_pipeline.coaching import standard_playbook


def execute():
	for pipeline, playbook in standard_playbook.PLAYBOOKS.items():
		for key in playbook:
			name = frappe.db.get_value("Pipeline Stage", {"pipeline": pipeline, "stage_key": key, "disabled": 0}, "name")
			if name:
				give(frappe.get_doc("Pipeline Stage", name))


def give(stage) -> None:
	if stage.guidance or stage.tasks:
		return
	stage.update(standard_playbook.fields_of(stage.pipeline, stage.stage_key))
	stage.save()
