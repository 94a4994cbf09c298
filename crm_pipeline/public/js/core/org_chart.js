/** The organisation chart as a tree of posts, and where a post may be put. */

/** [{post, below: [...]}] of posts whose `superior` is the name of the one above; in their order. */
export function tree_of(posts) {
	const names = new Set(posts.map((post) => post.name));
	const under = (name, seen) =>
		posts
			.filter((post) => (names.has(post.superior) ? post.superior : null) === name && !seen.includes(post.name))
			.map((post) => ({ post, below: under(post.name, [...seen, post.name]) }));
	return under(null, []);
}

/** Names of a post and of all posts below it. */
export function branch_of(posts, name) {
	const found = [name];
	for (const at of found) {
		for (const post of posts) if (post.superior === at && !found.includes(post.name)) found.push(post.name);
	}
	return found;
}

/** Whether a post may be put below another one: not below itself, nor where it is. `onto` is null for nobody above. */
export function may_put(posts, name, onto) {
	const post = posts.find((row) => row.name === name);
	if (!post || (post.superior || null) === (onto || null)) return false;
	return !onto || !branch_of(posts, name).includes(onto);
}
