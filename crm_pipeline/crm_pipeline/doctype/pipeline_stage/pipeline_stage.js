crm_pipeline.stage_form();
