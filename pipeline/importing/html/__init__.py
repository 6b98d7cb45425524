"""HTML of any source: read as a browser reads it, freed of what is no text, made into Markdown."""
