# SPDX-License-Identifier: Apache-2.0
"""Types into an interactive shell: complete.py SHELL DIRECTORY LINE...

Loads the completions of mcastd and mcastd-mqtt from DIRECTORY, types each LINE and a tab, and prints the line of
words that the shell makes of it. Where a LINE has tabs of its own, none is added. The programs themselves must be in
PATH; only completions ask them.
"""
import os
import pty
import select
import sys
import time

# The shell tells the line that it ran, between marks that are not in what was typed.
SETUP = {
    "bash": """
PS1='> '
NAME() { if [ "$1" = ---completion ]; then command NAME "$@"; else echo "<""<$*>"">"; fi; }
source DIR/NAME
""",
    "zsh": """
PS1='> '; fpath=(DIR $fpath); autoload -Uz compinit; compinit -u -D
NAME() { if [ "$1" = ---completion ]; then command NAME "$@"; else echo "<""<$*>"">"; fi; }
""",
    "fish": """
function NAME; if test "$argv[1]" = ---completion; command NAME $argv; else; echo "<""<$argv>"">"; end; end
source DIR/NAME.fish
""",
}
COMMAND = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--private", "--no-config", "-i"],
}


def main():
    shell, directory, *lines = sys.argv[1:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="dumb", HOME=directory, XDG_CONFIG_HOME=directory, LC_ALL="C.UTF-8")
        os.execvp(COMMAND[shell][0], COMMAND[shell])
    output = b""

    def wait(mark, seconds=20):
        nonlocal output
        end = time.monotonic() + seconds
        while mark not in output:
            ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                sys.exit(f"no {mark!r} in {output!r}")
            output += os.read(terminal, 65536)

    for name in ["mcastd", "mcastd-mqtt"]:
        for command in SETUP[shell].replace("DIR", directory).replace("NAME", name).strip().splitlines():
            os.write(terminal, command.encode() + b"\n")
    # A command of its own, so that all of the set-up is behind it.
    os.write(terminal, b'mcastd rea""dy\n')
    wait(b"<<ready>>")
    for line in lines:
        output = b""
        # The shell reads the end of the line when it is done with the tab.
        os.write(terminal, line.encode() + (b"\n" if "\t" in line else b"\t\n"))
        wait(b"<<")
        wait(b">>")
        print(output.split(b"<<")[1].split(b">>")[0].decode(), flush=True)
    os.close(terminal)


main()
