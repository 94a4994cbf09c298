crm_pipeline.form("Sales Help Request", () => {
	crm_pipeline.help_request_form();
});
