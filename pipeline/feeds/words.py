"""The few words that feeds add to what the author wrote, in the newsletter's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.markdown.labels import labels


@dataclass(frozen=True, slots=True)
class Words:
    """Before a title: the part's number, and what the part is to this one; then `colon`."""

    part: str
    part_of: str
    previous: str
    next: str
    colon: str = ""


_WORDS = {
    "en": Words("Part {part}", "Part {part} of {parts}", "Previous", "Next"),
    "ar": Words("الجزء {part}", "الجزء {part} من {parts}", "السابق", "التالي"),
    "de": Words("Teil {part}", "Teil {part} von {parts}", "Vorher", "Als Nächstes"),
    "es": Words("Parte {part}", "Parte {part} de {parts}", "Antes", "Después"),
    "fr": Words("Partie {part}", "Partie {part} sur {parts}", "Avant", "Ensuite"),
    "he": Words("חלק {part}", "חלק {part} מתוך {parts}", "הקודם", "הבא"),
}


@lru_cache
def words(language: str) -> Words:
    """The words of a language (BCP 47), English where it is not known."""
    said = _WORDS.get(language.partition("-")[0].lower(), _WORDS["en"])
    return replace(said, colon=f"{labels(language)['colon']} ")
