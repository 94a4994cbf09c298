crm_pipeline.form("Sales Segment", () => {
	crm_pipeline.segment_form();
});
