DROP TABLE IF EXISTS romashka.waivers;
DROP TABLE IF EXISTS romashka.evidence;
