"""`python -m fedctl.sandbox`: the sandbox commands without the rest of fedctl."""

from fedctl.sandbox.commands import app

if __name__ == "__main__":
    app(prog_name="fedctl sandbox")
