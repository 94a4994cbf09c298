"""Who holds which post at a customer, and how customers and people are related."""
