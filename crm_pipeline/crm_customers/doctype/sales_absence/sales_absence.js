crm_pipeline.form("Sales Absence", () => {});
