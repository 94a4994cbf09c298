crm_pipeline.form("Pipeline Stage", () => {
	crm_pipeline.stage_form();
});
