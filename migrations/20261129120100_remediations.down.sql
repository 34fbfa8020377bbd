DROP TABLE IF EXISTS romashka.automatic_remedies;
DROP TABLE IF EXISTS romashka.remediations;
