"""Partwork: a folder of articles becomes feeds, email issues and an archive, in order."""

__version__ = "0.1.0"
