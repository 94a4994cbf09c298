crm_pipeline.form("Lead Assignment Rule", () => {
	crm_pipeline.lead_assignment_form();
});
