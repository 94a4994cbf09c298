"""Everything about one customer or prospect on one page, for whoever is about to call."""
