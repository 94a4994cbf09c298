"""What staff publish about a customer, or in general, and say to it."""
