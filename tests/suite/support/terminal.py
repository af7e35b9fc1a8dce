# Runs the program of the arguments in a terminal, copies what it prints, and ends as it ends, as a shell tells it. What asks for
# a word, or matches TEST_QUESTION, gets the keys in TEST_ANSWER; any other question gets its default. TEST_AHEAD is typed
# before the program starts: it waits for a line on descriptor 3.
import os
import pty
import re
import sys

answer = os.environ.pop("TEST_ANSWER", "yes\r").encode()
ahead = os.environ.pop("TEST_AHEAD", "").encode()
asked = os.environ.pop("TEST_QUESTION", r"Enter [^\r\n]*(?:to confirm|or `no`): ").encode()
question = re.compile(rb"(?P<asked>" + asked + rb")|\((?:y/n|Y/n|y/N)\)")
unread = b""
program = sys.argv[1:]
if ahead:
    may_start, start = os.pipe()
    os.dup2(may_start, 3)
    program = ["sh", "-c", 'echo; read -r line <&3; exec "$@" 3<&-', "sh", *program]


def read(terminal):
    global unread, ahead
    if ahead:
        os.write(terminal, ahead)
        ahead = b""
        os.write(start, b"\n")
    data = os.read(terminal, 65536)
    unread += data
    if found := question.search(unread):
        unread = unread[found.end() :]
        os.write(terminal, answer if found["asked"] else b"\r")
    return data


code = os.waitstatus_to_exitcode(pty.spawn(program, read))
sys.exit(128 - code if code < 0 else code)
