DELETE FROM romashka.jobs WHERE name = 'insights';
DROP TABLE IF EXISTS romashka.insight_weeks;
