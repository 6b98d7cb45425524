"""HTML of any source: read as a browser reads it, freed of what is no text, made into Markdown.

`furniture` gives a page's tree and its text alone, `prepared` settles tables, lists and notes in
it, `tomarkdown` writes it. The others each know one thing that these ask for.
"""
