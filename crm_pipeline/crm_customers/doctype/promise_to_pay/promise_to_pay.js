crm_pipeline.form("Promise to Pay", () => {
	crm_pipeline.promise_form();
});
