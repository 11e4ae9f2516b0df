"""Many processes that map what a Python interpreter maps: crowd.py COUNT SECONDS [FILE]

Imports much, forks COUNT times, prints "ready"; the first child becomes a program of its own that keeps FILE open: else all of
them would be one application, a master and its workers. All of them end when standard input
of the parent closes, when the parent ends in any other way, and after SECONDS in any case.
"""

import ctypes
import importlib
import os
import signal
import sys

MODULES = """
    asyncio bz2 concurrent.futures csv ctypes curses datetime decimal difflib email.message hashlib http.client
    http.server imaplib json logging.config lzma mmap multiprocessing.pool pickle pydoc pyexpat readline resource
    select smtplib sqlite3 ssl statistics subprocess tarfile unittest.mock urllib.request uuid xml.dom.minidom
    xml.etree.ElementTree xmlrpc.client zipfile zlib zoneinfo
"""


def die_with_parent(parent: int) -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(0)


def main() -> None:
    count, seconds = int(sys.argv[1]), int(sys.argv[2])
    for module in MODULES.split():
        try:
            importlib.import_module(module)
        except ImportError:
            pass  # not every build has them all
    parent = os.getpid()
    for number in range(count):
        if os.fork() == 0:
            die_with_parent(parent)
            signal.alarm(seconds)
            if number == 0 and len(sys.argv) > 3:
                os.set_inheritable(os.open(sys.argv[3], os.O_RDONLY), True)
                os.execvp("sleep", ["sleep", str(seconds)])
            while True:
                signal.pause()
    signal.alarm(seconds)
    print("ready", flush=True)
    sys.stdin.read()


main()
