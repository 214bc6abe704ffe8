"""The rows of Tables 1 and 2, one short file each, and what trains, measures, tabulates and draws them all."""
from . import bark, cifar10, dead_leaves, heartbeat, mnist, swiss_roll

ROWS = {module.ROW.name: module.ROW for module in (swiss_roll, heartbeat, mnist, cifar10, dead_leaves, bark)}
