// Not "sales-forecast": that is the list of a DocType that ERPNext 16 has in Manufacturing.
frappe.pages["crm-forecast"].on_page_load = (wrapper) => {
	wrapper.crm_forecast = frappe
		.require(["crm_forecast.bundle.css", "crm_forecast.bundle.js"])
		.then(() => new crm_pipeline.SalesForecast(wrapper));
};

frappe.pages["crm-forecast"].on_page_show = async (wrapper) => (await wrapper.crm_forecast).shown();
