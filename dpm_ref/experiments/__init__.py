"""The rows of Table 1, one short file each: settings, the paper's numbers, what it draws. ROWS are the toys, IMAGE_ROWS in images_model the rest."""
from . import heartbeat, swiss_roll

ROWS = {"swiss_roll": swiss_roll, "heartbeat": heartbeat}
