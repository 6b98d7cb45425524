"""Partwork: a folder of articles becomes feeds, email issues and an archive, in the series' order."""

__version__ = "0.1.0"
