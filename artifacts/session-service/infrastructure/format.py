"""Which form do the files have? No blank at the end of a line, one newline at the end, JSON indented by two."""

import json
from pathlib import Path

HERE = Path(__file__).parent.parent
OURS = ("infrastructure", "service", "smoke", "tests")  # nothing else in the repository is ours to write


def formed(path, text):
    if path.suffix == ".json":
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n") + "\n"


def main():
    files = (path for part in OURS for path in (HERE / part).glob("**/*"))
    for path in sorted(path for path in files if path.suffix in (".py", ".json", ".yaml") and path.is_file()):
        before = path.read_text("utf-8")
        after = formed(path, before)
        if after != before:
            path.write_text(after, "utf-8")
            print(f"{path.relative_to(HERE)}: formatted")


if __name__ == "__main__":
    main()
