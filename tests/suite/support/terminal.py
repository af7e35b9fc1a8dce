# Runs the program of the arguments in a terminal, copies what it prints, and ends as it ends, as a shell tells it. A question
# whether to go on is answered with yes, or with the keys in TEST_ANSWER, any other with its default.
import os
import pty
import re
import sys

answer = os.environ.pop("TEST_ANSWER", "y").encode()
question = re.compile(rb"([^\r\n]*)\((?:y/n|Y/n|y/N)\)")
unread = b""


def read(terminal):
    global unread
    data = os.read(terminal, 65536)
    unread += data
    if found := question.search(unread):
        unread = unread[found.end() :]
        goes_on = b"Apply these changes?" in found[1] or b"arrive" in found[1]
        os.write(terminal, answer if goes_on else b"\r")
    return data


code = os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read))
sys.exit(128 - code if code < 0 else code)
