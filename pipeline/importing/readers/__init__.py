"""One file for each kind of source, with its name in `kinds.KINDS` and a function `read`.

`read` gives what is in a source as `Imported` values, and decides nothing: order, ids, pictures and
links are settled afterwards, for all kinds alike. A kind whose texts are HTML hands it on as it is.
What helps one or two kinds lies beside them: `pagefacts` and `googledocs` (html), `wordxml` (docx),
`dialects`, `templatetags` and `wikilinks` (markdown), `wordpressblocks` (wordpress), `pagination`
(text, html), `xml` (wordpress, feed).
"""
