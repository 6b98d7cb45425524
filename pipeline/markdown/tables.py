"""GFM tables (§4.10) as HTML."""

from __future__ import annotations

from pipeline.markdown.sheet import Sheet, single

_CLASS = {
    "None": "",
    "Left": ' class="left"',
    "Center": ' class="center"',
    "Right": ' class="right"',
}


class Tables:
    """Writes a table; a table holds no other, so one state is enough."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._classes: list[str] = []
        self._column = 0
        self._begin = self._begin_text = self._at = 0
        self._in_head = self._has_body = False

    def start(self, aligned: tuple[str, ...], at: int) -> None:
        """Begin a table whose columns are aligned so; `at` is the number of its event."""
        self._at = at
        self._classes = [_CLASS[one] for one in aligned]
        self._has_body = False
        self._sheet.out.append("<table>\n")

    def end(self) -> None:
        """End the table."""
        self._sheet.out.append("</tbody>\n</table>\n" if self._has_body else "</table>\n")

    def start_head(self) -> None:
        """Begin the row of headings."""
        self._in_head, self._column = True, 0
        self._sheet.out.append("<thead>\n<tr>")

    def end_head(self) -> None:
        """End the row of headings."""
        self._in_head = False
        self._sheet.out.append("</tr>\n</thead>\n")

    def start_row(self) -> None:
        """Begin a row."""
        self._column = 0
        self._sheet.out.append("<tr>" if self._has_body else "<tbody>\n<tr>")
        self._has_body = True

    def end_row(self) -> None:
        """End the row."""
        self._sheet.out.append("</tr>\n")

    def start_cell(self) -> None:
        """Begin the next cell."""
        shown = self._classes[self._column]
        self._column += 1
        self._begin, self._begin_text = len(self._sheet.out), len(self._sheet.said)
        self._sheet.out.append(f'<th scope="col"{shown}>' if self._in_head else f"<td{shown}>")

    def end_cell(self) -> None:
        """End the cell."""
        out = self._sheet.out
        if self._in_head and len(out) == self._begin + 1:
            # A heading without a word heads nothing; screen readers would announce it.
            out[-1] = "<td></td>"
        elif self._in_head:
            out.append("</th>")
            heading = single("".join(self._sheet.said[self._begin_text :]))
            self._sheet.tables.setdefault((self._at, 0), heading)
        else:
            out.append("</td>")
        self._sheet.said.append("\n")
