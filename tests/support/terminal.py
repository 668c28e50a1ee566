"""A person at a terminal: runs a program in one, waits for what it shows and types.

Standard input is JSON: {"program", "arguments", "environment", "folder", "dialogue": [[shown, typed], ...]}; the answer, as
JSON, is what was shown, how the program ended, and whether the terminal shows what is typed again."""

import json
import os
import pty
import select
import signal
import sys
import termios
import time

call = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    os.chdir(call["folder"])
    os.execve(call["program"], [call["program"], *call["arguments"]], call["environment"])

shown = b""
limit = time.monotonic() + 60


def read():
    """What is shown next; nothing when the program has ended."""
    global shown
    ready, _, _ = select.select([terminal], [], [], max(0, limit - time.monotonic()))
    if not ready:
        os.kill(child, signal.SIGKILL)
        sys.exit("it did not go on: " + shown.decode(errors="replace"))
    try:
        part = os.read(terminal, 4096)
    except OSError:
        part = b""
    shown += part
    return bool(part)


at = 0
for expected, typed in call["dialogue"]:
    while (found := shown.find(expected.encode(), at)) < 0:
        if not read():
            sys.exit(f"it ended before it showed {expected!r}: " + shown.decode(errors="replace"))
    at = found + len(expected)
    if typed is not None:
        # A secret is asked for once the terminal hides what is typed; a moment earlier it would be shown.
        if expected.startswith(("Password", "Token")):
            while termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < limit:
                time.sleep(0.001)
        os.write(terminal, typed.encode())
flags = termios.tcgetattr(terminal)
while read():
    flags = termios.tcgetattr(terminal)
_, status = os.waitpid(child, 0)
try:
    flags = termios.tcgetattr(terminal)
except termios.error:
    pass
print(json.dumps({
    "shown": shown.decode(errors="replace"),
    "code": os.waitstatus_to_exitcode(status),
    "echoes": bool(flags[3] & termios.ECHO),
}))
