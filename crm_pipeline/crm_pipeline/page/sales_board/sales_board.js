frappe.pages["sales-board"].on_page_load = (wrapper) => {
	wrapper.crm_board = frappe
		.require(["crm_board.bundle.css", "crm_board.bundle.js"])
		.then(() => new crm_pipeline.SalesBoard(wrapper));
};

frappe.pages["sales-board"].on_page_show = async (wrapper) => (await wrapper.crm_board).shown();
