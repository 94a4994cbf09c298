crm_pipeline.form("Sales Handover", () => {
	crm_pipeline.handover_form();
});
