package rowjson

// kind is how the values of a type stand in JSON.
type kind uint8

const (
	text        kind = iota // quoted and escaped
	plain                   // quoted; nothing in it is ever to be escaped
	integer                 // as it is
	number                  // as it is, but for NaN and the infinities
	boolean                 // t, f
	raw                     // JSON already
	date                    // quoted, in ISO style
	timestamp               // the same, with a T between date and time
	timestamptz             // the same, with the minutes of the zone
)

// kinds are the types that are known, by OID: see pg_type.dat. Read only.
var kinds = map[uint32]kind{
	16: boolean, 18: text, 19: text, 20: integer, 21: integer, 23: integer, 25: text, 26: plain, // bool, char, name, int8, int2, int4, text, oid
	114: raw, 142: text, 650: plain, 700: number, 701: number, 829: plain, 869: plain, // json, xml, cidr, float4, float8, macaddr, inet
	774: plain, 1042: text, 1043: text, 1082: date, 1083: plain, 1114: timestamp, 1184: timestamptz, // macaddr8, bpchar, varchar, date, time, timestamp, timestamptz
	1186: text, 1266: plain, 1700: number, 2950: plain, 3802: raw, 17: text, // interval, timetz, numeric, uuid, jsonb, bytea
	27: plain, 28: plain, 29: plain, 5069: plain, 3220: plain, 790: text, 1560: plain, 1562: plain, // tid, xid, cid, xid8, pg_lsn, money, bit, varbit
	600: plain, 601: plain, 602: plain, 603: plain, 604: plain, 628: plain, 718: plain, // point, lseg, path, box, polygon, line, circle
	3614: text, 3615: text, 4072: text, // tsvector, tsquery, jsonpath
	3904: plain, 3906: plain, 3926: plain, 3908: text, 3910: text, 3912: plain, // ranges of int4, numeric, int8, timestamp, timestamptz, date
	4451: plain, 4532: plain, 4536: plain, 4533: text, 4534: text, 4535: plain, // their multiranges, since PostgreSQL 14
}

// elements are the types of arrays, and those of their elements. Read only.
var elements = map[uint32]uint32{
	1000: 16, 1002: 18, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20, 1021: 700, 1022: 701,
	199: 114, 3807: 3802, 1115: 1114, 1182: 1082, 1183: 1083, 1185: 1184, 1187: 1186, 1231: 1700, 2951: 2950, 1041: 869,
}

func kindOf(oid uint32) (_ kind, array, ok bool) {
	if element, isArray := elements[oid]; isArray {
		oid, array = element, true
	}
	k, ok := kinds[oid]
	return k, array, ok
}
