frappe.pages["my-day"].on_page_load = (wrapper) => {
	wrapper.crm_day = crm_pipeline.load("crm_my_day").then(() => new crm_pipeline.MyDay(wrapper));
};

frappe.pages["my-day"].on_page_show = async (wrapper) => (await wrapper.crm_day).shown();
