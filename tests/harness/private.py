# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a process keeps its memory to itself: no core dump of it, and no look into it for others of the same user."""
import ctypes
import re
import subprocess
import sys
from pathlib import Path

PR_CAPBSET_DROP, CAPABILITIES = 24, 64


def without_privilege():
    """Root may look into everything: what this process starts from now on, on either side of a look, is as anybody."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def can_be_looked_into(pid):
    """Whether another process of the same user may read what a debugger may. After without_privilege()."""
    program = "import sys; open(f'/proc/{sys.argv[1]}/environ', 'rb').read(1)"
    done = subprocess.run([sys.executable, "-c", program, str(pid)], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0 and "PermissionError" not in done.stderr:
        raise RuntimeError(done.stderr)
    return done.returncode == 0


def core_limits(pid):
    """The soft and the hard limit of a core file's size, as the kernel says them."""
    found = re.search(r"^Max core file size\s+(\S+)\s+(\S+)", Path(f"/proc/{pid}/limits").read_text(encoding="utf-8"), re.M)
    return found.groups()


def check_private(pid, what):
    """Raises AssertionError when @pid, named @what, could leave its memory to somebody."""
    assert core_limits(pid) == ("0", "0"), f"{what} may dump core: {core_limits(pid)}"
    assert not can_be_looked_into(pid), f"{what} lets others of the same user look into its memory"
