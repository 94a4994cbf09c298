frappe.pages["crm-funnel"].on_page_load = (wrapper) => {
	wrapper.crm_funnel = crm_pipeline.load("crm_funnel").then(() => new crm_pipeline.SalesFunnel(wrapper));
};

frappe.pages["crm-funnel"].on_page_show = async (wrapper) => (await wrapper.crm_funnel).shown();
