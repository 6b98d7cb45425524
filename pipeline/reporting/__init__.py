"""The report: what became of each issue at each mailing service, over the parts of a series.

`rows` joins the plan with the ledger and its figures, `sizes` measures the feed; `terminal` and
`page` show both. All of it is pure: who asks the services is `pipeline.mailing.facts`.
"""
