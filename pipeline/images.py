"""Pictures fit for an email: measured, no wider than a mail can use, in a format every inbox shows.

PNG, JPEG and GIF are shown by every client; WebP, AVIF and SVG are not (caniemail.com, 2026-06).
What needs no change is used as it is, so that page and mail share one file.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePosixPath

from lxml import etree
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.text import slugify

WIDTH = 600
"""CSS pixels of a mail's column; a picture has twice as many, for sharp screens."""
MAX_PIXELS = 50_000_000
"""More pixels than this are refused: a small file can unpack to gigabytes."""
_MAX_SVG = 2_000_000
_LENGTH = re.compile(r"\+?(\d+(?:\.\d+)?|\.\d+)(?:px|pt|mm|cm|in)?")
_OF_SCREENS = frozenset({"RGB", "RGBA", "P"})
_PLAIN = frozenset({"PNG", "JPEG", "GIF"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailImage:
    """A picture in an email: its output path, what to put there, and its size in CSS pixels.

    `clear` says that what is behind it shows through.
    """

    path: str
    content: bytes | Path
    width: int
    height: int
    clear: bool


def prepare(articles_dir: Path, asset: str) -> MailImage:
    """The picture `asset` (a path in the articles folder) as a mail shows it.

    Raises ValueError(what is wrong, what to do) for a broken or huge picture, or no picture.
    """
    source = articles_dir / asset
    try:
        status = source.stat()
    except OSError as error:
        raise _broken(asset, error) from None
    return _prepare(source, asset, (status.st_size, status.st_mtime_ns, status.st_ctime_ns))


@lru_cache(maxsize=512)
def _prepare(source: Path, asset: str, _changed: tuple[int, int, int]) -> MailImage:
    try:
        if source.suffix.lower() == ".svg":
            return _made(asset, source.read_bytes(), _drawn(source))
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source) as picture:
                return _prepared(asset, source, picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _huge(asset) from None
    except UnidentifiedImageError:
        raise ValueError(
            f"{asset!r} is no picture that can be read", "save it as PNG or JPEG"
        ) from None
    except (OSError, SyntaxError, EOFError) as error:
        raise _broken(asset, error) from None


def _prepared(asset: str, source: Path, picture: Image.Image) -> MailImage:
    if picture.width * picture.height > MAX_PIXELS:
        raise _huge(asset)
    animated = getattr(picture, "is_animated", False)
    picture.load()
    fits = picture.width <= 2 * WIDTH or animated
    private = bool(picture.getexif()) and not animated
    if picture.format in _PLAIN and fits and not private:
        return _sized(f"media/{asset}", source, picture)
    return _made(asset, source.read_bytes(), picture)


def _made(asset: str, raw: bytes, picture: Image.Image) -> MailImage:
    """A new file: turned as its EXIF says and without it, narrow enough, PNG or JPEG."""
    photo = picture.format in ("JPEG", "MPO") or (
        picture.format in ("WEBP", "AVIF") and "A" not in picture.getbands()
    )
    still = _eight_bits(ImageOps.exif_transpose(picture)).convert("RGB" if photo else "RGBA")
    if still.width > 2 * WIDTH:
        height = max(1, round(still.height * 2 * WIDTH / still.width))
        still = still.resize((2 * WIDTH, height), Image.Resampling.LANCZOS, reducing_gap=3)
    out = BytesIO()
    # Without it the wide colours of a telephone's photo are taken for those of a screen; one for
    # greys or for four colours does not fit what is made of them.
    profile = picture.info.get("icc_profile") if picture.mode in _OF_SCREENS else None
    if photo:
        still.save(out, "JPEG", quality=85, optimize=True, progressive=True, icc_profile=profile)
    else:
        still.save(out, "PNG", optimize=True, icc_profile=profile)
    name = slugify(PurePosixPath(asset).stem) or "picture"
    mark = hashlib.sha256(raw).hexdigest()[:10]
    path = f"media/mail/{name}-{mark}.{'jpg' if photo else 'png'}"
    return _sized(path, out.getvalue(), still)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A grey picture of 16 bits in 8; Pillow itself makes white of all that is beyond 255."""
    if not picture.mode.startswith("I;16"):
        return picture
    return picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")


def _sized(path: str, content: bytes | Path, picture: Image.Image) -> MailImage:
    shown = min(picture.width, WIDTH)
    return MailImage(
        path=path,
        content=content,
        width=shown,
        height=max(1, round(picture.height * shown / picture.width)),
        clear=_is_clear(picture),
    )


def _is_clear(picture: Image.Image) -> bool:
    if not picture.has_transparency_data:
        return False
    return any(picture.convert("RGBA").getchannel("A").histogram()[:255])


def _drawn(source: Path) -> Image.Image:
    """An SVG as pixels, 1200 wide. resvg runs no script; of other files it gets to know nothing."""
    import resvg_py

    raw = source.read_bytes()
    if len(raw) > _MAX_SVG:
        raise _huge(source.name)
    root = _closed(raw)
    # resvg takes the memory for the whole picture at once and aborts the program where that fails,
    # so the proportions are looked at first.
    if _proportion(root) * (2 * WIDTH) ** 2 > MAX_PIXELS:
        raise _huge(source.name)
    markup = etree.tostring(root.getroottree(), encoding="unicode")
    try:
        png = bytes(resvg_py.svg_to_bytes(svg_string=markup, width=2 * WIDTH))
    except ValueError as error:
        raise OSError(" ".join(str(error).split())) from None
    picture = Image.open(BytesIO(png))
    picture.load()
    return picture


def _closed(raw: bytes) -> etree._Element:
    """An SVG without references to other files: as in a browser's `img`, none is shown.

    resvg would read any file of the machine that an `image` names (S3).
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise OSError(f"line {error.lineno}: {error.msg}") from None
    for element in root.iter(etree.Element):
        for name, value in element.items():
            own = str(value).lstrip().startswith(("#", "data:"))
            if not own and etree.QName(name).localname == "href":
                del element.attrib[name]
    return root


def _proportion(root: etree._Element) -> float:
    """An SVG's height over its width, from `width` and `height` or the `viewBox` (SVG 2, §8.2)."""
    box = [_length(one) for one in root.get("viewBox", "").replace(",", " ").split()]
    width, height = box[2:4] if len(box) == 4 else (0.0, 0.0)
    width = _length(root.get("width", "")) or width
    height = _length(root.get("height", "")) or height
    if not width or not height:
        raise OSError("it says neither its size nor a viewBox")
    return height / width


def _length(text: str) -> float:
    """A length as a plain number; nothing for a percentage, and units do not change proportions."""
    match = _LENGTH.fullmatch(text.strip())
    return float(match[1]) if match else 0.0


def _broken(asset: str, error: Exception) -> ValueError:
    return ValueError(
        f"{asset!r} is broken ({error})", "save it again from the program that made it"
    )


def _huge(asset: str) -> ValueError:
    return ValueError(
        f"{asset!r} has more than {MAX_PIXELS // 1_000_000} million pixels",
        "make it smaller; a mail shows 1200 across",
    )
