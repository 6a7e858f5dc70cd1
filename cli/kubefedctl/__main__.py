"""`python -m kubefedctl`."""

from kubefedctl.main import main

main()
