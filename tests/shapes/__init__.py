"""Random-weight models of real proportions, `write_shape(path, "llama-0.5b")`: speed does not depend on the weights."""

from tests.shapes.shape import SHAPES, Shape, parameters
from tests.shapes.writing import QUANTISATIONS, write_shape

__all__ = ["QUANTISATIONS", "SHAPES", "Shape", "parameters", "write_shape"]
