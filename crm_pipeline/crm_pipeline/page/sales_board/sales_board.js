frappe.pages["sales-board"].on_page_load = (wrapper) => {
	wrapper.crm_board = crm_pipeline.load("crm_board").then(() => new crm_pipeline.SalesBoard(wrapper));
};

frappe.pages["sales-board"].on_page_show = async (wrapper) => (await wrapper.crm_board).shown();
