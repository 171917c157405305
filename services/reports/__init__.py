"""Workbooks, and the links by which people fetch them."""
