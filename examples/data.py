"""Real input for the examples, all of it from inside installed packages; nothing is downloaded.

Photographs come with scikit-image (a stereo pair from the Middlebury data set), protein structures with tmtools
(2GTL, the haemoglobin of an earthworm, and 7OK9, a corona virus spike, both from the Protein Data Bank).
"""

import importlib.util
from pathlib import Path

import numpy as np

_LETTER_OF_RESIDUE = {
    "ALA": "A", "ARG": "R", "ASN": "N", "ASP": "D", "CYS": "C", "GLN": "Q", "GLU": "E", "GLY": "G", "HIS": "H",
    "ILE": "I", "LEU": "L", "LYS": "K", "MET": "M", "PHE": "F", "PRO": "P", "SER": "S", "THR": "T", "TRP": "W",
    "TYR": "Y", "VAL": "V",
}  # fmt: skip


def _folder(package):
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise SystemExit(f"the examples need {package}: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "data"


def photograph(name):
    """An RGB photograph as an array of bytes, shape (height, width, 3)."""
    from PIL import Image

    with Image.open(_folder("skimage") / name) as image:
        return np.array(image.convert("RGB"))


def _structure_lines(name):
    with open(_folder("tmtools") / f"{name}.pdb") as file:
        yield from file


def atom_positions(name):
    """The positions of a structure's atoms in ångström, shape (atoms, 3)."""
    rows = [(line[30:38], line[38:46], line[46:54]) for line in _structure_lines(name) if line.startswith("ATOM")]
    return np.array(rows).astype(np.float64)


def protein_sequence(name):
    """The amino acids of a structure's chains, one after the other, as an array of code points."""
    residues = [r for line in _structure_lines(name) if line.startswith("SEQRES") for r in line[19:].split()]
    letters = "".join(_LETTER_OF_RESIDUE.get(residue, "X") for residue in residues)
    return np.frombuffer(letters.encode("utf-32-le"), dtype=np.uint32)
