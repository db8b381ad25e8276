"""The door to git: the only package that starts git's processes or reads its files."""
