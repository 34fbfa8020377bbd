package query

import (
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// body writes the aggregate that turns the rows of _postgrest_t into the body.
func (b *builder) body(r *schemacache.Routine, h plan.Handler) {
	switch h.Kind {
	case plan.NoBody:
		b.raw("''::text")
	case plan.JSONArray:
		b.json(r, h.NullsStripped)
	case plan.JSONObject:
		b.raw("coalesce(")
		b.strip(h.NullsStripped, "json_agg("+rowOf(r != nil && r.Scalar())+")->0")
		b.raw(", 'null')")
	case plan.CSV:
		b.csv()
	case plan.GeoJSON:
		b.raw("json_build_object('type', 'FeatureCollection', 'features', " +
			"coalesce(json_agg(ST_AsGeoJSON(_postgrest_t)::json), '[]'))")
	case plan.NDJSON:
		b.raw("coalesce(string_agg(to_json(" + rowOf(r != nil && (r.Scalar() || r.SetOfScalar())) + ")::text || E'\\n', ''), '')")
	case plan.Custom:
		b.custom(r, h)
	}
}

func rowOf(scalar bool) string {
	if scalar {
		return "_postgrest_t.pgrst_scalar"
	}
	return "_postgrest_t"
}

func (b *builder) json(r *schemacache.Routine, strip bool) {
	scalar := r != nil && (r.Scalar() || r.SetOfScalar())
	single := r != nil && r.Single()
	b.raw("coalesce(")
	if single {
		b.strip(strip, "json_agg("+rowOf(scalar)+")->0")
		b.raw(", 'null')")
		return
	}
	b.strip(strip, "json_agg("+rowOf(scalar)+")")
	b.raw(", '[]')")
}

func (b *builder) strip(nulls bool, expression string) {
	if nulls {
		b.raw("json_strip_nulls(", expression, ")")
		return
	}
	b.raw(expression)
}

// csv takes the header from the first row's keys and the lines from
// PostgreSQL's own text form of a row, which is CSV between parentheses.
func (b *builder) csv() {
	b.raw("(SELECT coalesce(string_agg(a.k, ','), '') FROM (" +
		"SELECT json_object_keys(r)::text as k FROM (" +
		"SELECT row_to_json(hh) as r from " + plan.SourceCTE + " as hh limit 1) s) a)" +
		" || E'\\n' || " +
		"coalesce(string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), E'\\n'), '')")
}

func (b *builder) custom(r *schemacache.Routine, h plan.Handler) {
	b.qualified(h.Function)
	switch {
	case r != nil && r.Scalar():
		b.raw("(_postgrest_t.pgrst_scalar)")
	case h.Target == (ident.Qualified{}):
		b.raw("(_postgrest_t)")
	default:
		b.raw("(_postgrest_t::")
		b.qualified(h.Target)
		b.raw(")")
	}
}
