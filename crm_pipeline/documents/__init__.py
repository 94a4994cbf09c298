"""What every document of the chain does on save."""
