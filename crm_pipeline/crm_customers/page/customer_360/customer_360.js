frappe.pages["customer-360"].on_page_load = (wrapper) => {
	wrapper.crm_customer = crm_pipeline.load("crm_customer360").then(() => new crm_pipeline.Customer360(wrapper));
};

frappe.pages["customer-360"].on_page_show = async (wrapper) => (await wrapper.crm_customer).shown();
