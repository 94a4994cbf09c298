"""Records, on a real site, what ERPNext answers to the stories of the tests; never used without a bench."""
