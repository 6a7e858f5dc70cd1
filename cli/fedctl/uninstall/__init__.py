"""`fedctl uninstall`: takes away what `fedctl install` put into the host."""
