frappe.ui.form.on("Sales Pipeline", { refresh: crm_pipeline.show_stage_table });
