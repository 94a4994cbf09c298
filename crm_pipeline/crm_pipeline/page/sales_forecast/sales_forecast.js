frappe.pages["sales-forecast"].on_page_load = (wrapper) => {
	wrapper.crm_forecast = frappe
		.require(["crm_forecast.bundle.css", "crm_forecast.bundle.js"])
		.then(() => new crm_pipeline.SalesForecast(wrapper));
};

frappe.pages["sales-forecast"].on_page_show = async (wrapper) => (await wrapper.crm_forecast).shown();
