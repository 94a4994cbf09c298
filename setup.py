"""A shim for tools that still call setup.py; all facts live in pyproject.toml."""

from setuptools import find_packages, setup

setup(name="crm_pipeline", packages=find_packages(include=["crm_pipeline", "crm_pipeline.*"]))
