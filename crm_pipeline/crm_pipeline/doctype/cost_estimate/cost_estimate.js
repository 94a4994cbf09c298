crm_pipeline.cost_estimate_form();
