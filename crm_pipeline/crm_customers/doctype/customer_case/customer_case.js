crm_pipeline.form("Customer Case", () => {
	crm_pipeline.customer_case_form();
});
