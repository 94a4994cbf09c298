/** On a narrow screen the filters of a page would fill it: they wait behind a button. */

export function fold_filters(page, turned = () => {}) {
	const form = page.page_form?.[0] || page.wrapper.find(".page-form")[0];
	form.classList.add("crm-filters");
	const button = document.createElement("button");
	button.type = "button";
	button.className = "btn btn-default btn-sm crm-filters-button";
	button.textContent = __("Filters");
	button.setAttribute("aria-expanded", "false");
	button.addEventListener("click", () => {
		const open = form.classList.toggle("crm-filters-open");
		button.setAttribute("aria-expanded", String(open));
		turned();
	});
	form.before(button);
}
