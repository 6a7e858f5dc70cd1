"""Reads the parts of a Containerfile that tests look at: instructions, stages, what is copied from where."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

_CONTINUED = re.compile(r"\\\n")
_FLAG = re.compile(r"--(\w[-\w]*)=(\S+)")


@dataclass(frozen=True, slots=True)
class Instruction:
    """`COPY --from=build /a /b`: word `COPY`, flags `{from: build}`, the rest as it is written."""

    word: str
    rest: str
    flags: dict[str, str]

    @property
    def arguments(self) -> list[str]:
        """The rest in words."""
        return shlex.split(self.rest)


@dataclass(slots=True)
class Stage:
    """From one FROM to the next."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[Instruction]:
        """Every instruction of a kind."""
        return [each for each in self.instructions if each.word == word]


def read(path: Path) -> list[Stage]:
    """The stages. Fails on a line that is no instruction, and on one before the first stage that is not ARG."""
    stages: list[Stage] = []
    for instruction in _instructions(path.read_text(encoding="utf-8")):
        if instruction.word == "FROM":
            base, *alias = instruction.arguments
            assert not alias or alias[0].upper() == "AS"
            stages.append(Stage(base, alias[1] if alias else ""))
        elif stages:
            stages[-1].instructions.append(instruction)
        else:
            assert instruction.word == "ARG", f"{instruction.word} before the first FROM"
    return stages


_WORDS = {"ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "LABEL", "RUN", "USER", "WORKDIR"}


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found = []
    for line in _CONTINUED.sub(" ", "\n".join(lines)).splitlines():
        if not line.strip():
            continue
        word, _, rest = line.partition(" ")
        assert word in _WORDS, f"no instruction: {line}"
        flags = dict(_FLAG.findall(rest)) if word == "COPY" else {}
        found.append(Instruction(word, _FLAG.sub("", rest).strip() if flags else rest.strip(), flags))
    return found
