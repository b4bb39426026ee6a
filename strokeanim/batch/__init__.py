"""Many animations: a manifest of jobs, worked off by the processes of a Dask cluster.

In steps: `manifest` reads what is wanted, `planning` checks all of it and makes jobs, `journal`
knows which are done, `running` hands the rest out to the workers of a `cluster`, where a `studio`
draws several at a time in `company` and moves the files into a `store`. Needs `strokeanim[batch]`.
"""

from strokeanim.batch.dispatcher import run
from strokeanim.batch.jobs import Event, Job, Summary
from strokeanim.batch.manifest import Entry, random_pairs, read_manifest
from strokeanim.batch.planning import plan

__all__ = ["Entry", "Event", "Job", "Summary", "plan", "random_pairs", "read_manifest", "run"]
