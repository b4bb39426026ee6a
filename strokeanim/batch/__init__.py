"""Make many animations: run the jobs of a manifest on the workers of a Dask cluster.

`manifest` reads the entries, `planning` checks them all and makes jobs, `journal` records which are
done, and `dispatcher` sends the rest to the workers of a `cluster`. There a `worker` renders
several at a time with a `shared_decoder` and moves the files into a `store`. Needs
`strokeanim[batch]`.
"""

from strokeanim.batch.dispatcher import run
from strokeanim.batch.jobs import Event, Job, Summary
from strokeanim.batch.manifest import Entry, random_pairs, read_manifest
from strokeanim.batch.planning import plan

__all__ = ["Entry", "Event", "Job", "Summary", "plan", "random_pairs", "read_manifest", "run"]
