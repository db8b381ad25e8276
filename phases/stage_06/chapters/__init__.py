"""Chapters of the documents that stage 06 leaves."""
