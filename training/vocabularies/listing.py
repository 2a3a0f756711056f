"""Writes the page that names every list the vocabularies come from, its licence and its share."""

from collections.abc import Mapping
from importlib import metadata

from training.vocabularies.sources import CLASS_LISTS

OWN_LISTS = ("everyday", "further", "combined")
_OWN = "written for this project, under the project's licence"
_LICENCES = {
    "open_clip": ("open_clip_torch", "MIT"),
    "torchvision": ("torchvision", "BSD-3-Clause"),
    "mmdet": ("mmdet", "Apache-2.0"),
    "mmpretrain": ("mmpretrain", "Apache-2.0"),
}
_OPENING = """# Where the vocabularies come from

Both files are written by `python -m training.vocabularies.assemble`; edit its sources in `training/vocabularies`, not
the files here. They serve checkpoints that bring no vocabulary of their own.

## tags.txt

{total} tags, one a line. "First named" counts the tags that no list above the row has, so a tag of several lists counts
once.

| list | where it was read | licence of that package | first named |
|---|---|---|---|
"""
_CLOSING = """
WordNet's nouns were chosen, not copied whole: of every meaning that is an animal, an artifact, food or a plant, and of
the sports, shapes, places and other visible things that ImageNet-22k pictures (the list of those meanings is in timm
{timm}, Apache-2.0), the first word whose main meaning it is, unless a list above has another word for it. Left out are
genera and other ranks, microbes, drugs and tissues, and every name with a word that is rarer than once in a hundred
million by the package wordfreq {wordfreq} (code Apache-2.0, data CC BY-SA 4.0, which includes Google Books Ngrams
data). No frequency is stored here.

`further.txt` holds people by what they do, places and sights by name, and more that no list of things has;
`combined.txt` puts colours, stuffs, states and places together with common things.
`training/vocabularies/corrections.txt` rewords class names, `left_out.txt` drops unfit ones, `names.txt` lists the
words of the class lists that keep a capital (WordNet has its own); all were written for this project.

Only class names were taken from any of these packages: no images, annotations or code.

## attributes.txt

{descriptors} descriptors of {classes} classes, "class which has/is feature", {own}.
They answer "What are useful visual features for distinguishing a class in a photo?"; their sources are in
`training/vocabularies/attributes`.

## Licence notice of WordNet

WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. Permission to use, copy, modify and distribute
this software and database and its documentation for any purpose and without fee or royalty is hereby granted, provided
that you agree to comply with the following copyright notice and statements, including the disclaimer, and that the same
appear on ALL copies of the software, database and documentation, including modifications that you make for internal use
or for distribution.

THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS
OR IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION, PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES OF
MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT THE USE OF THE LICENSED SOFTWARE, DATABASE OR
DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS.

The name of Princeton University or Princeton may not be used in advertising or publicity pertaining to distribution of
the software and/or database. Title to copyright in this software, database and any associated documentation shall
at all times remain with Princeton University and LICENSEE agrees to preserve same.
"""


def sources_page(counts: Mapping[str, int], classes: int, descriptors: int) -> str:
    """The text of SOURCES.md for the tags each list was the first to name and the number of attributes."""
    own = {name: f"| {name}.txt | `training/vocabularies` | {_OWN} | {counts[name]} |" for name in OWN_LISTS}
    rows = [own["everyday"], own["further"]]
    for source in CLASS_LISTS:
        package, licence = _LICENCES[source.package]
        where = f"`{source.package}/{source.file}` of {package} {metadata.version(package)}"
        rows.append(f"| {source.title} | {where} | {licence} | {counts[source.title]} |")
    rows.append(f"| WordNet | WordNet 3.0, nouns | WordNet 3.0 licence, below | {counts['WordNet']} |")
    rows.append(own["combined"])
    closing = _CLOSING.format(
        timm=metadata.version("timm"),
        wordfreq=metadata.version("wordfreq"),
        classes=classes,
        descriptors=descriptors,
        own=_OWN,
    )
    return _OPENING.format(total=sum(counts.values())) + "\n".join(rows) + "\n" + closing
