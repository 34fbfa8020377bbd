DELETE FROM romashka.jobs WHERE name = 'realtime';
