"""Pictures for mail: what is used as it is, what is made anew, and what is refused."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image, ImageCms, features

from pipeline import images
from pipeline.images import MailImage, prepare

RED, BLUE = (200, 30, 30), (30, 30, 200)
ORIENTATION, CAMERA = 0x0112, 0x0110
"""Tags of EXIF 2.32 §4.6.4."""


def halves(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    """A picture whose left half is red and whose right half is blue."""
    picture = Image.new(mode, (width, height), BLUE)
    picture.paste(RED, (0, 0, width // 2, height))
    return picture


def put(folder: Path, name: str, picture: Image.Image, **options: object) -> Path:
    """Save a picture and give its path."""
    picture.save(folder / name, **options)  # type: ignore[arg-type]  # Pillow's own options
    return folder / name


def opened(made: MailImage) -> Image.Image:
    """The picture that a mail shows."""
    content = made.content
    picture = Image.open(BytesIO(content) if isinstance(content, bytes) else content)
    picture.load()
    return picture


def expect_refused(folder: Path, name: str, said: str) -> None:
    """The picture is refused in one plain sentence, with something to do."""
    with pytest.raises(ValueError, match=said) as refused:
        prepare(folder, name)
    what, remedy = refused.value.args
    assert name in what
    assert remedy
    assert "\n" not in what + remedy


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.gif", "GIF")])
def test_a_picture_every_inbox_shows_is_used_as_it_is(tmp_path: Path, name: str, kind: str) -> None:
    source = put(tmp_path, name, halves())
    made = prepare(tmp_path, name)
    assert (made.path, made.content) == (f"media/{name}", source)
    assert (made.width, made.height) == (40, 20)
    assert opened(made).format == kind


@pytest.mark.parametrize("name", ["a.webp", "a.avif"])
def test_a_format_few_inboxes_show_becomes_a_jpeg(tmp_path: Path, name: str) -> None:
    assert features.check(name[2:])
    put(tmp_path, name, halves(), quality=95)
    made = prepare(tmp_path, name)
    assert made.path.startswith("media/mail/a-")
    assert made.path.endswith(".jpg")
    picture = opened(made)
    assert (picture.format, picture.size) == ("JPEG", (40, 20))
    assert near(picture, (5, 10), RED)
    assert near(picture, (35, 10), BLUE)


@pytest.mark.parametrize("name", ["a.webp", "a.avif"])
def test_what_is_transparent_stays_so_as_png(tmp_path: Path, name: str) -> None:
    picture = halves(mode="RGBA")
    picture.putpixel((0, 0), (0, 0, 0, 0))
    put(tmp_path, name, picture, lossless=True, quality=100)
    shown = opened(prepare(tmp_path, name))
    assert (shown.format, shown.mode) == ("PNG", "RGBA")
    assert shown.getpixel((0, 0))[3] < 128


@pytest.mark.parametrize(
    ("name", "clear"),
    [
        ("half.png", True),
        ("full.png", False),
        ("half.gif", True),
        ("half.webp", True),
        ("grey.png", True),
        ("photo.jpg", False),
        ("wide.png", True),
        ("drawn.svg", True),
        ("ground.svg", False),
    ],
)
def test_it_is_known_whether_something_shows_through(
    tmp_path: Path, name: str, *, clear: bool
) -> None:
    wide = 3000 if name.startswith("wide") else 40
    if name.endswith(".svg"):
        ground = '<rect width="4" height="2"/>' if name.startswith("ground") else ""
        head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2">'
        (tmp_path / name).write_text(f'{head}{ground}<circle r="1"/></svg>')
    elif name.startswith("grey"):
        put(tmp_path, name, Image.new("L", (wide, 20), 9), transparency=9)
    elif name.startswith("photo"):
        put(tmp_path, name, halves())
    else:
        picture = halves(wide, mode="RGBA")
        picture.paste((0, 0, 0, 0) if clear else BLUE, (0, 0, wide // 2, 20))
        put(tmp_path, name, picture)
    assert prepare(tmp_path, name).clear is clear


def test_a_wide_picture_is_drawn_1200_across_and_shown_600(tmp_path: Path) -> None:
    put(tmp_path, "a.png", halves(3000, 1500))
    made = prepare(tmp_path, "a.png")
    assert opened(made).size == (1200, 600)
    assert (made.width, made.height) == (600, 300)


@pytest.mark.parametrize("kind", ["I;16", "I;16B"])
def test_a_scan_of_sixteen_bits_keeps_its_greys(tmp_path: Path, kind: str) -> None:
    big = kind.endswith("B")
    row = b"".join(at.to_bytes(2, "big" if big else "little") for at in range(0, 65536, 32))
    put(tmp_path, "a.tiff" if big else "a.png", Image.frombytes(kind, (2048, 4), row * 4))
    picture = opened(prepare(tmp_path, "a.tiff" if big else "a.png")).convert("L")
    shades = [picture.getpixel((at, 1)) for at in (0, 300, 600, 900, 1199)]
    assert shades == pytest.approx([0, 64, 128, 192, 255], abs=2)


def test_a_sliver_keeps_a_pixel_of_height(tmp_path: Path) -> None:
    put(tmp_path, "a.png", halves(5000, 1))
    made = prepare(tmp_path, "a.png")
    assert opened(made).size == (1200, 1)
    assert (made.width, made.height) == (600, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_stands_upright_without_its_exif(tmp_path: Path, orientation: int) -> None:
    upright = halves()
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(turns[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[CAMERA] = "A camera with a name"
    put(tmp_path, "a.jpg", stored, exif=exif, quality=95)
    made = prepare(tmp_path, "a.jpg")
    picture = opened(made)
    assert (made.width, made.height) == (40, 20)
    assert near(picture, (5, 10), RED)
    assert near(picture, (35, 10), BLUE)
    assert not picture.getexif()
    assert b"A camera with a name" not in made.content  # type: ignore[operator]  # made anew: bytes


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.png"])
def test_a_photo_made_anew_keeps_the_colours_of_its_profile(tmp_path: Path, name: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    put(tmp_path, name, halves(3000, 1500), icc_profile=profile)
    assert opened(prepare(tmp_path, name)).info["icc_profile"] == profile


@pytest.mark.parametrize(
    ("name", "mode"), [("a.jpg", "CMYK"), ("a.tif", "CMYK"), ("a.png", "L"), ("b.png", "LA")]
)
def test_a_picture_in_greys_or_the_colours_of_print_loses_their_profile(
    tmp_path: Path, name: str, mode: str
) -> None:
    put(tmp_path, name, halves(3000, 1500).convert(mode), icc_profile=b"for other colours")
    assert "icc_profile" not in opened(prepare(tmp_path, name)).info


def test_a_png_with_exif_loses_it_too(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[CAMERA] = "A camera with a name"
    put(tmp_path, "a.png", halves(), exif=exif)
    picture = opened(prepare(tmp_path, "a.png"))
    assert picture.format == "PNG"
    assert not picture.getexif()


def test_an_animated_gif_is_kept_as_it_is_however_wide(tmp_path: Path) -> None:
    frames = [halves(1600, 10), halves(1600, 10).transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    source = put(tmp_path, "a.gif", frames[0], save_all=True, append_images=frames[1:])
    made = prepare(tmp_path, "a.gif")
    assert made.content == source
    assert opened(made).n_frames == 2  # type: ignore[attr-defined]  # a GIF's
    assert (made.width, made.height) == (600, 4)


def test_the_same_picture_is_made_the_same_and_another_is_named_otherwise(tmp_path: Path) -> None:
    put(tmp_path, "a.webp", halves(), lossless=True)
    first = prepare(tmp_path, "a.webp")
    images._prepare.cache_clear()
    again = prepare(tmp_path, "a.webp")
    put(tmp_path, "a.webp", halves(60), lossless=True)
    images._prepare.cache_clear()
    other = prepare(tmp_path, "a.webp")
    assert (first.path, first.content) == (again.path, again.content)
    assert first.path != other.path


def png_of(width: int, height: int) -> bytes:
    """The head of a PNG that says it is so large, and no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 7000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png_of(*size))
    expect_refused(tmp_path, "a.png", "more than 50 million pixels")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp"])
def test_a_picture_cut_short_is_refused(tmp_path: Path, name: str) -> None:
    source = put(tmp_path, name, Image.effect_noise((300, 300), 80).convert("RGB"))
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    expect_refused(tmp_path, name, "is broken|is no picture")


@pytest.mark.parametrize("content", [b"", b"Not a picture.", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    expect_refused(tmp_path, "a.png", "is no picture|is broken")


def svg(inside: str = "", *, size: str = 'viewBox="0 0 30 20"', head: str = "") -> str:
    """An SVG of a red ground."""
    ground = '<rect width="100%" height="100%" fill="#c81e1e"/>'
    return f'{head}<svg xmlns="http://www.w3.org/2000/svg" {size}>{ground}{inside}</svg>'


def test_an_svg_is_drawn_1200_across_as_png(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(svg())
    made = prepare(tmp_path, "a.svg")
    picture = opened(made)
    assert (picture.format, picture.size) == ("PNG", (1200, 800))
    assert (made.width, made.height) == (600, 400)
    assert near(picture, (600, 400), RED)


def test_an_svg_shows_no_file_of_the_machine(tmp_path: Path) -> None:
    put(tmp_path, "blue.png", Image.new("RGB", (30, 20), BLUE))
    path = (tmp_path / "blue.png").as_posix()
    shown = '<image {} width="30" height="20"/>'
    inner = quote(svg(shown.format(f'href="{path}"')))
    for name in (
        f'href="{path}"',
        f'href="file://{path}"',
        'href="blue.png"',
        f'xmlns:x="http://www.w3.org/1999/xlink" x:href="{path}"',
        f'href="data:image/svg+xml,{inner}"',
    ):
        (tmp_path / "a.svg").write_text(svg(shown.format(name)))
        images._prepare.cache_clear()
        assert near(opened(prepare(tmp_path, "a.svg")), (600, 400), RED)


@pytest.mark.parametrize(
    "size",
    ['width="10" height="10000"', 'viewBox="0 0 1 100000000"', 'viewBox="0 0 .0001 9"'],
)
def test_an_svg_that_would_be_drawn_too_high_is_refused(tmp_path: Path, size: str) -> None:
    (tmp_path / "a.svg").write_text(svg(size=size))
    expect_refused(tmp_path, "a.svg", "more than 50 million pixels")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<svg",
        "<p>Not SVG.</p>",
        svg(size='width="100%"'),
        svg(size='viewBox="0 0 0 0"'),
        svg(size='viewBox="0 0 nan 1"'),
        svg(size='viewBox="a b c d"'),
        "GIF89a",
    ],
)
def test_a_broken_svg_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.svg").write_text(content)
    expect_refused(tmp_path, "a.svg", "is broken")


def test_an_svg_in_utf_16_is_drawn_and_one_in_no_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(svg().encode("utf-16"))
    assert near(opened(prepare(tmp_path, "a.svg")), (600, 400), RED)
    (tmp_path / "b.svg").write_bytes(svg("<text>\xe9</text>").encode("latin-1"))
    expect_refused(tmp_path, "b.svg", "is broken")


def test_an_svg_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(svg("<g/>" * 600_000))
    expect_refused(tmp_path, "a.svg", "a.svg")


def laughs(depth: int) -> str:
    """Entities that each hold ten of the one before."""
    lines = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, depth)]
    return '<!DOCTYPE svg [<!ENTITY e0 "ha">' + "".join(lines) + "]>"


def test_entities_that_multiply_are_refused_in_no_time_and_little_memory(tmp_path: Path) -> None:
    said = f'<text y="9">&e{11};</text>'
    (tmp_path / "a.svg").write_text(svg(said, head=laughs(12)))
    code = (
        "import resource, sys; from pathlib import Path; from pipeline.images import prepare\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        "try: prepare(Path(sys.argv[1]), 'a.svg')\n"
        "except ValueError as error: print(error.args[0])\n"
    )
    done = subprocess.run(  # noqa: S603  # this Python, in a process that may not grow
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == 0, done.stderr
    assert "'a.svg'" in done.stdout


def test_an_entity_never_brings_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text('<rect width="100%" height="100%" fill="#1e1ec8"/>')
    head = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    (tmp_path / "a.svg").write_text(svg("&x;", head=head))
    expect_refused(tmp_path, "a.svg", "is broken")


def near(picture: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Whether a pixel is about that colour."""
    pixel = picture.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 24 for one, other in zip(pixel, colour, strict=True))


def test_the_width_of_a_mail_is_one_number_for_all(tmp_path: Path) -> None:
    put(tmp_path, "a.png", halves(601, 10))
    made = prepare(tmp_path, "a.png")
    assert made.width == images.WIDTH == 600
