"""`python -m fedctl`."""

from fedctl.main import main

if __name__ == "__main__":
    main()
