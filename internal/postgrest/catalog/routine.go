package catalog

import (
	"context"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func (r *reader) routines(ctx context.Context, f *schemacache.Facts, o Options) error {
	hoisted := o.HoistedSettings
	if hoisted == nil {
		hoisted = []string{} // NULL would be an unknown array, not an empty one
	}
	return r.each(ctx, "routines", func(row row) {
		f.Routines = append(f.Routines, schemacache.Routine{
			OID:         row.oid(15),
			Name:        row.name(0),
			Description: row.text(2),
			Params:      params(row),
			Variadic:    row.bool(6),
			Returns: schemacache.ReturnType{
				Type:      row.name(7),
				SetOf:     row.bool(9),
				Composite: row.bool(10),
				Alias:     row.bool(10) && row.bool(11),
			},
			Volatility: volatility(row.text(12)),
			Isolation:  isolation(row.text(13)),
			Settings:   settings(row.texts(14)),
		})
	}, o.Schemas, hoisted)
}

// params reads the columns from names to variadic. Required parameters come
// first and a variadic one last: PostgreSQL allows nothing else.
func params(row row) []schemacache.Param {
	names, types := row.texts(3), row.texts(4)
	required, variadic := int(row.int32(5)), row.bool(6)
	list := make([]schemacache.Param, len(names))
	for i := range names {
		list[i] = schemacache.Param{
			Name:     names[i],
			Type:     types[i],
			CastType: castType(types[i]),
			Required: i < required,
			Variadic: variadic && i == len(names)-1,
		}
	}
	return list
}

// castType replaces types that, named without a length, mean a length of one.
func castType(name string) string {
	switch name {
	case "bit":
		return "bit varying"
	case "bit[]":
		return "bit varying[]"
	case "character":
		return "character varying"
	case "character[]":
		return "character varying[]"
	default:
		return name
	}
}

func volatility(code string) schemacache.Volatility {
	switch code {
	case "i":
		return schemacache.Immutable
	case "s":
		return schemacache.Stable
	default:
		return schemacache.Volatile
	}
}

func isolation(level string) schemacache.Isolation {
	switch strings.ToLower(level) {
	case "":
		return schemacache.IsolationUnset
	case "repeatable read":
		return schemacache.RepeatableRead
	case "serializable":
		return schemacache.Serializable
	default:
		return schemacache.ReadCommitted
	}
}

// settings splits name=value.
func settings(assignments []string) []schemacache.Setting {
	if len(assignments) == 0 {
		return nil
	}
	list := make([]schemacache.Setting, 0, len(assignments))
	for _, a := range assignments {
		name, value, _ := strings.Cut(a, "=")
		list = append(list, schemacache.Setting{Name: name, Value: value})
	}
	return list
}

func (r *reader) representations(ctx context.Context, f *schemacache.Facts, _ Options) error {
	return r.each(ctx, "representations", func(row row) {
		f.Representations = append(f.Representations, schemacache.Representation{
			Source: row.text(0), Target: row.text(1), Function: row.text(2),
		})
	})
}

func (r *reader) mediaHandlers(ctx context.Context, f *schemacache.Facts, o Options) error {
	return r.each(ctx, "media_handlers", func(row row) {
		f.Handlers = append(f.Handlers, schemacache.CustomHandler{
			Function: row.name(0), Target: row.name(2), MediaType: row.text(4), Resolved: row.text(5),
		})
	}, o.Schemas)
}

// roles reads the settings that requests inherit from ALTER ROLE ... SET, by a query for the server's version; SET ROLE
// does not apply them by itself.
func (r *reader) roles(ctx context.Context, f *schemacache.Facts, _ Options) error {
	f.ServerVersion = serverVersion(r.tx.Conn())
	file := "role_settings"
	if f.ServerVersion < 150000 { // parameters can be granted since
		file = "role_settings_14"
	}
	return r.each(ctx, file, func(row row) {
		if name := row.text(0); len(f.Roles) == 0 || f.Roles[len(f.Roles)-1].Name != name {
			f.Roles = append(f.Roles, schemacache.Role{Name: name})
		}
		role := &f.Roles[len(f.Roles)-1]
		if s := (schemacache.Setting{Name: row.text(1), Value: row.text(2)}); s.Name == "default_transaction_isolation" {
			role.Isolation = isolation(s.Value)
		} else {
			role.Settings = append(role.Settings, s)
		}
	})
}
