"""The bank: named mistakes, each a wrong version of one formula with the arguments of the right one.

M(name, function, flag, advice, wrong): `wrong` takes the inputs of a case by name and returns what an implementation
with this mistake would. `choice=True` marks what is not wrong but different: another convention or a later variant.
"""
from .bank_bits import BITS
from .bank_bound import BOUND
from .bank_gaussian import GAUSSIAN, SCHEDULE
from .bank_product import ENTROPY, PRODUCT
from .bank_reverse import REVERSE, TRAJECTORY
from .bank_training import TRAINING
from .mistakes import FLAGS

BANK = SCHEDULE + GAUSSIAN + BITS + BOUND + REVERSE + TRAJECTORY + PRODUCT + ENTROPY + TRAINING
__all__ = ["BANK", "FLAGS"]
