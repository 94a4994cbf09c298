"""`make demo` and `make explore`: a story told on an embedded database, and a look around in what it left behind."""
