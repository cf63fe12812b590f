"""Who is not root has laboratories, too, where the machine lets everybody make user namespaces."""

import os
import subprocess
import unittest

from . import rig

ROOTLESS = rig.NATLAB.parent / "natlab-rootless"
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    as_other = NOBODY if os.getuid() == 0 else []
    return subprocess.run(
        [*as_other, ROOTLESS, *command], capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )


class RootlessTest(unittest.TestCase):
    def test_an_ordinary_user_has_laboratories(self) -> None:
        plain = run("true")
        if plain.returncode:
            print(f"skipped: no user namespaces here: {plain.stderr.strip()}")
            self.skipTest(plain.stderr)
        script = f"{rig.NATLAB} up alice=sym && {rig.NATLAB} probe alice"
        done = run("sh", "-c", script)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("mapping=APDM filtering=APDF", done.stdout)
