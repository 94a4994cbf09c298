"""Property tests draw the same examples on every run, and none of them is judged by its speed."""

from hypothesis import settings

settings.register_profile("crm_pipeline", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("crm_pipeline")
