# Runs the program of the arguments in a terminal, copies what it prints, and ends as it ends, as a shell tells it. What asks for
# a word, or matches TEST_QUESTION, gets the keys in TEST_ANSWER; any other question gets its default. TEST_AHEAD is typed at once.
import os
import pty
import re
import sys

answer = os.environ.pop("TEST_ANSWER", "yes\r").encode()
ahead = os.environ.pop("TEST_AHEAD", "").encode()
asked = os.environ.pop("TEST_QUESTION", r"Enter [^\r\n]*(?:to confirm|or `no`): ").encode()
question = re.compile(rb"(?P<asked>" + asked + rb")|\((?:y/n|Y/n|y/N)\)")
unread = b""


def read(terminal):
    global unread, ahead
    if ahead:
        os.write(terminal, ahead)
        ahead = b""
    data = os.read(terminal, 65536)
    unread += data
    if found := question.search(unread):
        unread = unread[found.end() :]
        os.write(terminal, answer if found["asked"] else b"\r")
    return data


code = os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read))
sys.exit(128 - code if code < 0 else code)
