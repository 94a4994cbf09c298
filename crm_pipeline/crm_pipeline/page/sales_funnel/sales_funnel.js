frappe.pages["sales-funnel"].on_page_load = (wrapper) => {
	wrapper.crm_funnel = frappe
		.require(["crm_funnel.bundle.css", "crm_funnel.bundle.js"])
		.then(() => new crm_pipeline.SalesFunnel(wrapper));
};

frappe.pages["sales-funnel"].on_page_show = async (wrapper) => (await wrapper.crm_funnel).shown();
