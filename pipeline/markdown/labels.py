"""The few words a rendering adds to what the author wrote, in the article's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_KEYS = ("note", "tip", "important", "warning", "caution", "image", "links")
_WORDS = {
    "en": ("Note", "Tip", "Important", "Warning", "Caution", "Image", "Links"),
    "ar": ("ملاحظة", "نصيحة", "مهم", "تحذير", "تنبيه", "صورة", "روابط"),
    "de": ("Hinweis", "Tipp", "Wichtig", "Warnung", "Vorsicht", "Bild", "Links"),
    "es": ("Nota", "Consejo", "Importante", "Advertencia", "Precaución", "Imagen", "Enlaces"),
    "fr": ("Note", "Conseil", "Important", "Avertissement", "Attention", "Image", "Liens"),
    "he": ("הערה", "טיפ", "חשוב", "אזהרה", "זהירות", "תמונה", "קישורים"),
}
_COLONS = {"fr": "\u00a0:"}
_LABELS = {
    language: MappingProxyType(
        {"colon": _COLONS.get(language, ":")} | dict(zip(_KEYS, words, strict=True))
    )
    for language, words in _WORDS.items()
}


def labels(language: str) -> Mapping[str, str]:
    """The words of a language (BCP 47) by name, English where it is not known.

    `note` to `caution` are the alerts of GitHub's Markdown; `image` and `links` are of plain text,
    as is the `colon` after any of them.
    """
    return _LABELS.get(language.partition("-")[0].lower(), _LABELS["en"])
