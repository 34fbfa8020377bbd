-- The log stays as it is, and what comes after its last day goes into the default partition.
DELETE FROM romashka.jobs WHERE name = 'partitions';
