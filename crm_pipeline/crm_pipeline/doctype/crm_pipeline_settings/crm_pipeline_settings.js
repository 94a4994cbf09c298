frappe.ui.form.on("CRM Pipeline Settings", { setup: crm_pipeline.set_queries });
