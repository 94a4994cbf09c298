crm_pipeline.form("Sales Opportunity", () => {
	crm_pipeline.chain_form("Sales Opportunity");
	crm_pipeline.deal_form("Sales Opportunity");
});
