"""python -m dpm_ref.proofs.slips"""
from . import main

main()
