from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from archives import part
from mailing import (
    LOOK_ALIKES,
    ODD,
    TORTURE,
    email,
    four_parts,
    settings,
    write,
)

from pipeline.config import Newsletter
from pipeline.errors import PartworkError


@pytest.fixture
def notes(tmp_path: Path) -> Newsletter:
    """Four weekly parts of a series that announces five."""
    return write(tmp_path)


class Nesting(HTMLParser):
    """Checks that every tag is closed in order."""

    VOID = frozenset({"br", "hr", "img", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def outlook(html: str) -> str:
    """What Outlook on Windows reads: its conditional comments opened, those for others left out."""
    html = re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", html, flags=re.DOTALL)
    html = re.sub(r"<!--\[if lte mso 11\]>.*?<!\[endif\]-->", "", html, flags=re.DOTALL)
    return re.sub(r"<!--\[if (?:mso|mso \| IE)\]>(.*?)<!\[endif\]-->", r"\1", html, flags=re.DOTALL)


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
@pytest.mark.parametrize("number", [1, 2])
def test_outlook_gets_balanced_tables_600_wide(tmp_path: Path, theme: str, number: int) -> None:
    files = four_parts() | {"2.md": part(2, ODD, TORTURE)}
    issue = email(write(tmp_path, files, settings(theme=theme)), number)
    assert Nesting(issue.html).wrong == []
    opened = outlook(issue.html)
    assert "[if mso" not in opened
    assert Nesting(opened).wrong == []
    widths = re.findall(r'<table[^>]* width="(\d+)"[^>]*style="width:\d+px;">', opened)
    assert set(widths) == {"600"}


def test_language_and_direction_stand_twice(notes: Newsletter) -> None:
    html = email(notes, 1).html
    assert html.startswith('<!doctype html><html lang="en-GB" dir="ltr"')
    assert re.search(r'<body[^>]*><div[^>]*role="article" lang="en-GB" dir="ltr"', html)


def test_a_right_to_left_newsletter_is_mirrored(tmp_path: Path) -> None:
    arabic = settings().replace('language = "en-GB"', 'language = "ar"')
    body = "كلمات.\n\n> اقتباس\n\n- واحد\n\n| ا | ب |\n|---|---|\n| ج | د |"
    html = email(write(tmp_path, four_parts(body), arabic), 3).html
    assert '<html lang="ar" dir="rtl"' in html
    assert "direction:ltr" not in html
    columns = re.findall(r'class="mj-outlook-group-fix[^"]*" style="([^"]*)"', html)
    assert all("direction:rtl" in one for one in columns)
    # mrml's own column says left, and each cell in it says right again.
    texts = html.replace("text-align:left;direction:rtl", "")
    assert "text-align:left" not in texts
    assert 'align="left"' not in texts
    assert not re.search(r"(border|margin)-left", texts)
    assert "إلغاء الاشتراك" in html


def test_an_article_in_another_language_says_so(tmp_path: Path) -> None:
    files = four_parts() | {"1.md": part(1, "عنوان", "كلمات.", lang="ar")}
    html = email(write(tmp_path, files), 1).html
    assert re.search(r'<h1 lang="ar" dir="rtl"[^>]*>عنوان', html)
    assert '<div lang="ar" dir="rtl"><p' in html
    assert '<html lang="en-GB"' in html


def test_layout_tables_say_so_and_data_tables_have_headings(tmp_path: Path) -> None:
    body = "| a | b |\n|---|---|\n| 1 | 2 |"
    html = outlook(email(write(tmp_path, four_parts(body)), 3).html)
    tables = re.findall(r"<table[^>]*>", html)
    assert len([one for one in tables if 'role="presentation"' not in one]) == 1
    assert html.count('scope="col"') == 2


def test_every_picture_fits_and_has_its_words(tmp_path: Path) -> None:
    body = "![A wide one](images/wide.png)\n\n![A small one](images/square.png)"
    file = part(1, "Beginning", body, image="images/wide.png", image_alt="At the head")
    own = write(tmp_path, {"1.md": file} | {"2.md": part(2, "Two")})
    from PIL import Image

    Image.new("RGB", (2000, 500), "#0b5f55").save(tmp_path / "articles/images/wide.png")
    issue = email(own, 1)
    pictures = re.findall(r"<img[^>]*>", issue.html)
    assert len(pictures) == 4
    for one in pictures:
        width = re.search(r' width="(\d+)"', one)
        assert width
        assert int(width[1]) <= 600
        assert f"width:100%;max-width:{width[1]}px" in one
        assert " alt=" in one
        assert 'src="https://' in one
    assert [path.startswith("media/mail/wide-") for path in issue.pictures] == [True]
    assert 'alt="At the head"' in issue.html
    assert "At the head" in issue.text


@pytest.mark.parametrize(
    ("written", "width"),
    [
        ('src="images/wide.png" width="5000"', "544"),
        ('src="images/wide.png" width="0"', "544"),
        ('src="images/wide.png" width="50%"', "544"),
        (f'src="images/wide.png" width="{"9" * 5000}"', "544"),
        ('src="https://e.example/sign.png" height="20"', "544"),
        ('src="images/wide.png" width="120"', "120"),
        ('src="images/wide.png" width="120" height="999"', "120"),
        ('src="images/wide.png" height="20"', "80"),
        ('src="https://e.example/sign.png" width="80"', "80"),
    ],
)
def test_a_picture_is_as_small_as_its_author_made_it(
    tmp_path: Path, written: str, width: str
) -> None:
    own = write(tmp_path, {"1.md": part(1, "Beginning", f'<img {written} alt="A sign">')})
    from PIL import Image

    Image.new("RGB", (2000, 500), "#0b5f55").save(tmp_path / "articles/images/wide.png")
    shown = re.search(r'<img[^>]*alt="A sign"[^>]*>', email(own, 1).html)
    assert shown
    assert f' width="{width}"' in shown[0]
    assert f"width:100%;max-width:{width}px" in shown[0]
    assert " height=" not in shown[0]


def test_a_picture_of_any_name_has_one_address_in_ascii(tmp_path: Path) -> None:
    from PIL import Image

    for name in ("a #1? 100%.png", "kléin & x.png", "写真.png"):
        for width in (20, 2000):
            body = f"Words.\n\n![Within](images/{quote(name)})"
            head = {"image": f"images/{name}", "image_alt": "At the head"}
            own = write(tmp_path, {"1.md": part(1, "Beginning", body, **head)})
            Image.new("RGB", (width, 20)).save(tmp_path / "articles/images" / name)
            html = email(own, 1).html
            first, second = re.findall(r'<img src="([^"]*)" alt="(?:Within|At the head)"', html)
            assert first == second
            assert re.fullmatch(r"https://[a-z0-9%A-Z./-]+", first)


def test_a_picture_that_is_partly_clear_has_the_cards_colour_behind_it(tmp_path: Path) -> None:
    body = "![A clear one](images/clear.png)\n\n![A full one](images/square.png)"
    head = {"image": "images/clear.png", "image_alt": "At the head"}
    own = write(tmp_path, {"1.md": part(1, "Beginning", body, **head)}, settings(theme="letter"))
    from PIL import Image

    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "articles/images/clear.png")
    pictures = re.findall(r"<img[^>]*images/(?:clear|square)[^>]*>", email(own, 1).html)
    # Where pictures are blocked, the words in its place stand on that ground.
    ground = ";background-color:#fbf7ee;color:#2d2823"
    assert [ground in one for one in pictures] == [True, True, False]


def test_a_picture_that_cannot_be_read_is_an_error_at_its_line(tmp_path: Path) -> None:
    own = write(tmp_path, {"1.md": part(1, "Beginning", "Words.\n\n![Broken](images/bad.png)")})
    (tmp_path / "articles/images/bad.png").write_bytes(b"no picture")
    with pytest.raises(PartworkError, match=r"articles/1\.md:\d+: .*bad\.png"):
        email(own, 1)


def test_small_tables_keep_their_words_and_wide_ones_break(tmp_path: Path) -> None:
    small = "| Stage | What |\n|---|---|\n| Stimulation | Short, gentle sessions |"
    wide = "|" + " Stimulation |" * 6 + "\n|" + "---|" * 6 + "\n|" + " x |" * 6
    html = email(write(tmp_path, {"1.md": part(1, "One", f"{small}\n\n{wide}")}), 1).html
    styles = re.findall(r'<table style="([^"]*)"', html)
    assert ["word-break:normal" in one for one in styles] == [True, False]


def test_a_wide_table_breaks_the_words_of_its_widest_columns_alone(tmp_path: Path) -> None:
    wide = (
        "| Name | Dose | What was found |\n|---|--:|---|\n"
        "| alpha | 1,234.5 | Donaudampfschifffahrtsgesellschaft |\n| a | 7 | none |\n"
    )
    html = email(write(tmp_path, {"1.md": part(1, "One", wide)}), 1).html
    cells = re.findall(r'<t[hd][^>]* style="([^"]*)"[^>]*>([^<]*)</t[hd]>', html)
    whole = [said for style, said in cells if "word-break:normal" in style]
    assert whole == ["Name", "alpha", "1,234.5"]


def test_a_column_of_words_has_no_share_that_sentences_need_on_a_phone(tmp_path: Path) -> None:
    said = "None of the incomprehensibilities that are said of it, however long one looks, at all"
    for row in (
        f"Acetylsalicylate | 300 mg | {said}",
        "Acetylsalicylate | Acetylsalicylate | Acetylsalicylate",
        "Acetylsalicylate | Short, and in two words or three",
    ):
        rule = "---|" * (row.count("|") + 1)
        html = email(write(tmp_path, {"1.md": part(1, "One", f"| {row} |\n|{rule}")}), 1).html
        assert not re.search(r'<t[hd][^>]* style="width:\d+%', html)


def test_a_ragged_table_lets_no_other_column_have_a_columns_share(tmp_path: Path) -> None:
    words = "What is said of it here goes on for longer than a mail is wide, as it would, " * 2
    rows = (
        "<tr><th>It</th></tr>"
        f"<tr><td>{words}</td><td>Acetylsalicylsäureester</td></tr>"
        f"<tr><td>{words}</td><td>y</td></tr>"
    )
    html = email(write(tmp_path, {"1.md": part(1, "One", f"<table>{rows}</table>")}), 1).html
    shares = re.findall(r'<t[hd][^>]* style="width:\d+%[^>]*>([^<]*)<', html)
    assert shares in ([], ["Acetylsalicylsäureester"])


def test_the_skeleton_of_a_typical_issue_is_light(notes: Newsletter) -> None:
    assert len(email(notes, 3).html.encode()) < 25_000
    style = re.findall(r"<style[^>]*>(@media \(prefers.*?)</style>", email(notes, 3).html)
    assert len(style[0]) < 2048


def test_two_renderings_are_the_same(notes: Newsletter) -> None:
    assert email(notes, 3) == email(notes, 3)


def test_text_lines_fit_and_hold_no_entity(tmp_path: Path) -> None:
    files = four_parts() | {"2.md": part(2, ODD, TORTURE, summary=ODD)}
    plain = email(write(tmp_path, files), 2).text
    long = [
        line
        for line in plain.split("\n")
        if len(line) > 76 and "://" not in line and not line.startswith("    ")
    ]
    assert long == []
    assert not re.search(r"&(?:amp|lt|gt|quot|nbsp|#\d+);", plain.replace(LOOK_ALIKES[-1], ""))
