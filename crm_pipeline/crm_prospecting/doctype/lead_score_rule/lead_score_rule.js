crm_pipeline.form("Lead Score Rule", () => {
	crm_pipeline.score_rule_form("Lead Score Rule");
});
