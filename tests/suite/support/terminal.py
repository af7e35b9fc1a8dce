# Runs the program of the arguments in a terminal, copies what it prints, and ends as it ends. A question whether to go on is
# answered with yes, any other with its default.
import os
import pty
import re
import sys

question = re.compile(rb"([^\r\n]*)\((?:y/n|Y/n|y/N)\)")
unread = b""


def read(terminal):
    global unread
    data = os.read(terminal, 65536)
    unread += data
    if found := question.search(unread):
        unread = unread[found.end() :]
        goes_on = b"Apply these changes?" in found[1] or b"arrive" in found[1]
        os.write(terminal, b"y" if goes_on else b"\r")
    return data


status = pty.spawn(sys.argv[1:], read)
sys.exit(os.waitstatus_to_exitcode(status))
