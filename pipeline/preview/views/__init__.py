"""The views: pure functions from what is seen of a picture to what a template shows."""
