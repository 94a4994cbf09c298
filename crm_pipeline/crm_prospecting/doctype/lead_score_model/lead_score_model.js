crm_pipeline.form("Lead Score Model", () => {
	crm_pipeline.score_model_form("Lead Score Model");
});
