"""The likely language of a text, by its script and its commonest words: enough to see one unlike the others."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_SAMPLE_CHARS: Final = 6_000
_WORDS_LEAST: Final = 40
_SHARE_LEAST: Final = 0.08  # of all words; prose has 20-35 % of its language's twenty commonest
_AHEAD: Final = 1.4  # of the next language: neighbours share words
_WORD: Final = re.compile(r"[^\W\d_]+")

# letters of scripts that tell a language, or a family of them
_SCRIPTS: Final = (
    ("Japanese", re.compile("[\u3040-\u30ff]")),
    ("Korean", re.compile("[\uac00-\ud7af]")),
    ("Chinese", re.compile("[\u4e00-\u9fff]")),
    ("Greek", re.compile("[\u0370-\u03ff]")),
    ("Hebrew", re.compile("[\u0590-\u05ff]")),
    ("Arabic", re.compile("[\u0600-\u06ff]")),
    ("Hindi", re.compile("[\u0900-\u097f]")),
    ("Thai", re.compile("[\u0e00-\u0e7f]")),
)
_COMMON: Final = {
    name: frozenset(words.split())
    for name, words in {
        "English": "the and of to a in that it was he his with as for had you not be at on her she is but",
        "German": "der die und das in zu den nicht mit ich von sich ist er sie es ein eine auf dem war als auch so",
        "French": "le la les de et des un une du que qui dans il elle en ne pas pour est était sur au avec se",
        "Spanish": "el la los de y que en las un una se no por con su para es lo del al como más había era",
        "Italian": "il la di e che un una in non per del è della si le con gli era da al lo ma come dei",
        "Portuguese": "o a de e que um uma os do da em não se com no na por para as era dos seu sua mais ao",
        "Dutch": "de het een en van in dat is niet te hij op zijn was met die aan er ik ze voor maar om had",
        "Swedish": "och att det i en som han på är av för med den inte var jag till hon de ett sig om så men",
        "Danish": "og at det i en som han på er af for med den ikke var jeg til hun de et sig om så men der",
        "Norwegian": "og å det i en som han på er av for med den ikke var jeg til hun de et seg om så men der",
        "Finnish": "ja on ei se hän oli että mutta kun niin en ole minä sen joka kuin nyt hänen hän mitä siitä",
        "Polish": "i w nie się na to że z do jest jak a ale o po co tak za od był już by go jej przez",
        "Czech": "a se v na je že to s z do i o ale jsem by jak za tak co byl jeho pro když si už po",
        "Hungarian": "a az és hogy nem is egy meg volt csak de ez már ha mint el még azt ki mert én volna",
        "Romanian": "și de a în la nu o să cu că pe un se din mai ce era ca lui o care îi le pentru",
        "Turkish": "ve bir bu da de ne için o ile gibi daha çok ama ben var kadar sonra her diye olan",
        "Russian": "и в не на что он с я как а это то все она его но так по у же из за было к",
        "Ukrainian": "і в не на що він з я як а це та до у але за вона його так й було бо ще про",
    }.items()
}
_WHOSE: Final = {
    word: tuple(name for name, common in _COMMON.items() if word in common)
    for word in frozenset().union(*_COMMON.values())
}
_OTHER_SCRIPTS: Final = re.compile(
    "[\u0370-\u03ff\u0590-\u06ff\u0900-\u097f\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af]"
)


def language_of(text: str) -> str:
    """The English name of a text's language, "" where nothing is sure (too short, or not known here)."""
    middle = max(0, len(text) // 2 - _SAMPLE_CHARS // 2)  # a book's head and tail may be a licence's
    sample = text[middle : middle + _SAMPLE_CHARS]
    if _OTHER_SCRIPTS.search(sample) and (found := _by_script(sample)):
        return found
    words = [word.casefold() for word in _WORD.findall(sample)]
    if len(words) < _WORDS_LEAST:
        return ""
    scores = Counter(name for word in words if word in _WHOSE for name in _WHOSE[word])
    if len(scores) < 2:
        return next(iter(scores), "") if scores.total() >= _SHARE_LEAST * len(words) else ""
    (name, best), (_, second) = scores.most_common(2)
    return name if best >= _SHARE_LEAST * len(words) and best >= _AHEAD * second else ""


def _by_script(sample: str) -> str:
    letters = sum(map(str.isalpha, sample))
    for name, script in _SCRIPTS:
        share = len(script.findall(sample)) / max(1, letters)
        if letters >= _WORDS_LEAST and share > (0.1 if name == "Japanese" else 0.5):
            return name
    return ""


def prevailing(languages: Iterable[str]) -> str:
    """The language of most of those that have one, "" when none has two thirds of them."""
    counts = Counter(language for language in languages if language)
    if not counts:
        return ""
    name, count = counts.most_common(1)[0]
    return name if count >= 2 / 3 * counts.total() else ""
