crm_pipeline.form("Pool Rule", () => {
	crm_pipeline.pool_rule_form();
});
