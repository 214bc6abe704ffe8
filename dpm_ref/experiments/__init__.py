"""The rows of Table 1, one short file each: settings, seeds, the paper's numbers, the best possible, what it draws."""
from . import heartbeat, swiss_roll

ROWS = {"swiss_roll": swiss_roll, "heartbeat": heartbeat}
