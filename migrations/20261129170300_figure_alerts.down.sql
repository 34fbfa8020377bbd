DELETE FROM romashka.jobs WHERE name = 'alerts';
DROP TABLE IF EXISTS romashka.figure_alerts, romashka.queue_hours;
