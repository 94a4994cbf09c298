// Not "sales-forecast": that is the list of a DocType that ERPNext 16 has in Manufacturing.
frappe.pages["crm-forecast"].on_page_load = (wrapper) => {
	wrapper.crm_forecast = crm_pipeline.load("crm_forecast").then(() => new crm_pipeline.SalesForecast(wrapper));
};

frappe.pages["crm-forecast"].on_page_show = async (wrapper) => (await wrapper.crm_forecast).shown();
