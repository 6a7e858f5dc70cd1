"""`fedctl freeze` and `fedctl unfreeze`: stopping writes to members, and letting them go on."""
