crm_pipeline.form("Sales Import", () => {
	crm_pipeline.import_form();
});
