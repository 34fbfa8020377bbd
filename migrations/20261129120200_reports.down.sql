DROP TABLE IF EXISTS romashka.reports;
