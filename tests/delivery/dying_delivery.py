"""A process that delivers and is killed in the middle: `python -m tests.delivery.dying_delivery ID AFTER`; AFTER is how
many parcels arrive first. Settings come from the environment."""

import os
import signal
import sys

from pim.base.installation import installation
from pim.delivery.attempt import attempt_delivery


def die(done: int, total: int, what: str) -> None:
    if done >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    with installation() as here:
        attempt_delivery(here, int(sys.argv[1]), told=die)
