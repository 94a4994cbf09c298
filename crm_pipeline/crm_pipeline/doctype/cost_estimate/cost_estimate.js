crm_pipeline.form("Cost Estimate", () => {
	crm_pipeline.cost_estimate_form();
});
