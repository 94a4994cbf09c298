frappe.pages["people-and-relations"].on_page_load = (wrapper) => {
	wrapper.crm_people = crm_pipeline.load("crm_people").then(() => new crm_pipeline.PeopleAndRelations(wrapper));
};

frappe.pages["people-and-relations"].on_page_show = async (wrapper) => (await wrapper.crm_people).shown();
