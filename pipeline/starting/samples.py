"""The files of a new newsletter, what differs between two marks `<<` and `>>`."""

SETTINGS = """\
# Every setting and its default: docs/newsletter-toml.md

[newsletter]
title = <<title>>
url = <<url>>
description = "One sentence on what this newsletter is about."
author = { name = <<author>> }
timezone = <<timezone>>
language = "en"

[series.first]
title = "The first series"
description = "One or two sentences on what this series is about."

# An issue every week. Parts without a date take the next free slot.
[schedule]
start = <<start>>
every = "week"
time = 09:00:00

[email]
from_address = "news@<<host>>"
to = "readers@<<host>>"
unsubscribe_mailto = "unsubscribe@<<host>>"
address = "The postal address that mail law asks for"
"""

FIRST = """\
---
title: The first part
id: tag:<<host>>,<<year>>:the-first-part
slug: the-first-part
series: first
part: 1
date: <<start>>T09:00:00
summary: What this series is about, in one sentence that makes people want to read on.
---

This is the first part of the series. It is plain Markdown: write as you would in a letter, and
keep one thought to a paragraph.

## What comes next

1. **Write:** change this text, or delete the file and begin your own with `partwork new`.
2. **Check:** `partwork check` names every mistake with its file and line.
3. **Build:** `partwork build` makes feeds, archive and issue in `output/`.
"""

IGNORE = """\
/output/
/previews/
/export/
/.partwork-cache/
"""

ATTRIBUTES = """\
# The ledger of what was sent, and the figures of its readers: the lines of two branches both count.
ledger.jsonl merge=union
figures.jsonl merge=union
"""

WORKFLOW = """\
# Checks and builds the newsletter on every push and every hour, and keeps output/ as an artifact.
# Put it on the web after that, and hand over what is due: take out the # of the last step, which
# timed runs do (those are of the default branch), and of `permissions`.
name: newsletter
on:
  push:
  schedule:
    - cron: "5 * * * *"
concurrency: newsletter
# permissions:
#   contents: write # to keep the ledger
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.ref_name }} # the newest ledger, also where the run had to wait
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install partwork
      - run: partwork check --format github
      - run: partwork build
      - uses: actions/upload-artifact@v4
        with:
          name: output
          path: output/
      # - name: Hand over what is due, and keep the ledger
      #   if: github.event_name == 'schedule'
      #   env:
      #     LISTMONK_TOKEN: ${{ secrets.LISTMONK_TOKEN }}
      #     GIT_AUTHOR_NAME: Partwork
      #     GIT_AUTHOR_EMAIL: partwork@users.noreply.github.com
      #     GIT_COMMITTER_NAME: Partwork
      #     GIT_COMMITTER_EMAIL: partwork@users.noreply.github.com
      #   run: |
      #     code=0
      #     partwork publish --due || code=$?
      #     if [ -n "$(git status --porcelain -- ledger.jsonl)" ]; then
      #       git add ledger.jsonl
      #       git commit -q -m "Keep what was handed over"
      #       git pull -q --rebase --autostash
      #       git push -q
      #     fi
      #     exit $code
"""
