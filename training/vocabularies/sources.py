"""Reads the class lists that field packages ship, from their files, without importing (and so starting) them."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.vocabularies.wording import plain


@dataclass(frozen=True, slots=True)
class ClassList:
    """Where one list of class names lies: a Python file of a package, and the name it is bound to there."""

    title: str
    package: str
    file: str
    symbol: str
    template: str = "{}"
    scenes: bool = False


# Earlier lists win where two spell one tag differently, so the most carefully worded come first.
CLASS_LISTS = (
    ClassList("ImageNet", "open_clip", "zero_shot_metadata.py", "IMAGENET_CLASSNAMES"),
    ClassList("COCO", "torchvision", "models/_meta.py", "_COCO_CATEGORIES"),
    ClassList("Pascal VOC", "torchvision", "models/_meta.py", "_VOC_CATEGORIES"),
    ClassList("LVIS", "mmdet", "evaluation/functional/class_names.py", "lvis_classes"),
    ClassList("Open Images v6", "mmdet", "evaluation/functional/class_names.py", "oid_v6_classes"),
    ClassList("Objects365", "mmdet", "evaluation/functional/class_names.py", "objects365v1_classes"),
    ClassList("COCO panoptic", "mmdet", "evaluation/functional/class_names.py", "coco_panoptic_classes"),
    ClassList("ADE20K", "mmdet", "datasets/ade20k.py", "ADE20KSegDataset"),
    ClassList("SUN397", "mmpretrain", "datasets/categories.py", "SUN397_CATEGORIES", scenes=True),
    ClassList("Food-101", "mmpretrain", "datasets/categories.py", "FOOD101_CATEGORIES"),
    ClassList("Oxford-IIIT Pet", "mmpretrain", "datasets/categories.py", "OxfordIIITPet_CATEGORIES"),
    ClassList("Caltech-101", "mmpretrain", "datasets/categories.py", "CALTECH101_CATEGORIES"),
    ClassList("CIFAR-100", "mmpretrain", "datasets/categories.py", "CIFAR100_CATEGORIES"),
    ClassList("CUB-200-2011", "mmpretrain", "datasets/categories.py", "CUB_CATEGORIES"),
    ClassList("DTD", "mmpretrain", "datasets/categories.py", "DTD_CATEGORIES", "{} texture"),
    ClassList("Kinetics-400", "torchvision", "models/_meta.py", "_KINETICS400_CATEGORIES"),
)
# Endings by which the scene lists tell two views of one place apart; the place is the tag.
_VIEWS = re.compile(r"[ /](indoor|outdoor|interior|exterior|natural|urban|public|shop|home|vehicle|establishment)$")
# COCO panoptic's marks of a class that gathers several.
_MERGED = re.compile(r"(-stuff|-other|-merged)+$")


def package_file(package: str, file: str) -> Path:
    """A file of an installed package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed: install the 'vocabularies' extra")
    return Path(spec.origin).parent / file


def _literals(node: ast.AST) -> Iterator[str]:
    """The longest list or tuple of strings under a node: its class names."""
    rows: list[list[str]] = [[]]
    for child in ast.walk(node):
        if isinstance(child, ast.List | ast.Tuple):
            rows.append(
                [item.value for item in child.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
            )
    yield from max(rows, key=len)


def raw_names(source: ClassList) -> list[str]:
    """The class names of one list, as the package spells them."""
    tree = ast.parse(package_file(source.package, source.file).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign):
            bound = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound = [node.name]
        else:
            continue
        if source.symbol in bound:
            return list(_literals(node))
    raise LookupError(f"{source.package}/{source.file} has no {source.symbol}")


def class_tags(source: ClassList) -> list[str]:
    """The class names of one list as tags: plain words, the view of a scene dropped."""
    tags = []
    for raw in raw_names(source):
        name = plain(_MERGED.sub("", raw))
        previous = "" if source.scenes else name
        while name != previous:
            previous, name = name, _VIEWS.sub("", name) or name
        tags.append(source.template.format(name))
    return tags
