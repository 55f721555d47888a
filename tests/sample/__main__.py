"""`python3 -m tests.sample`: copies what `src` ships, after a change of the template itself.

A fork does not run it: its tests go on telling of the template's bot.
"""

from tests.sample.copying import copy_again

for name in copy_again():
    print(f"tests/sample/{name}")
