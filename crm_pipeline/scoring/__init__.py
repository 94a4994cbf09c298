"""Which leads are promising: by rules that explain themselves, and by what the site's own outcomes taught."""
