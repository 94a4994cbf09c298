"""Who a sale is about: prospects, customers, people and their places in the team."""
