frappe.pages["crm-pipeline-health"].on_page_load = (wrapper) => {
	wrapper.crm_health = crm_pipeline.load("crm_health").then(() => new crm_pipeline.PipelineHealth(wrapper));
};

frappe.pages["crm-pipeline-health"].on_page_show = async (wrapper) => (await wrapper.crm_health).shown();
