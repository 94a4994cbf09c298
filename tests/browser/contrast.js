// Texts of ours that are read at less than 4.5 to 1 (3 to 1 where they are large): ["text", ratio, class] each.
// A step of the ribbon is painted by its ::before.
const OURS = ".crm-page, .crm-head, .crm-board-area, .crm-feed, .crm-list .indicator-pill, .page-head .indicator-pill";
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function rgba(colour) {
	canvas.clearRect(0, 0, 1, 1);
	canvas.fillStyle = colour;
	canvas.fillRect(0, 0, 1, 1);
	const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
	return [red, green, blue, alpha / 255];
}
const over = (top, under) => [0, 1, 2].map((part) => top[part] * top[3] + under[part] * (1 - top[3])).concat(1);
function luminance(colour) {
	const [red, green, blue] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function back_of(element) {
	const layers = [];
	for (let at = element; at; at = at.parentElement) {
		const before = getComputedStyle(at, "::before");
		if (before.clipPath !== "none") layers.push(rgba(before.backgroundColor));
		layers.push(rgba(getComputedStyle(at).backgroundColor));
	}
	const page = document.documentElement.dataset.theme === "dark" ? [23, 23, 23, 1] : [255, 255, 255, 1];
	return layers.reverse().reduce((under, top) => over(top, under), page);
}
const weak = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
	const element = texts.currentNode.parentElement;
	const text = texts.currentNode.textContent.trim();
	if (!text || !element.closest(OURS) || element.closest(".sr-only") || !element.getClientRects().length) continue;
	const style = getComputedStyle(element);
	let opacity = 1;
	for (let at = element; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity;
	const back = back_of(element);
	const [red, green, blue, alpha] = rgba(element.closest("svg") ? style.fill : style.color);
	const [light, dark] = [luminance(over([red, green, blue, alpha * opacity], back)), luminance(back)].sort((a, b) => b - a);
	const ratio = (light + 0.05) / (dark + 0.05);
	const size = parseFloat(style.fontSize);
	const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
	if (opacity > 0.05 && ratio < needed - 0.01) weak.push([text.slice(0, 40), Math.round(ratio * 100) / 100, element.className.baseVal ?? element.className]);
}
return weak;
