package postgrest

import (
	"context"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/openapi"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/response"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
	"github.com/romashka/sidecar/sql"
)

// describe answers the root with the OpenAPI description: of what the role may
// use, or of the whole schema.
func (e *Engine) describe(ctx context.Context, j *job) (*response.Response, error) {
	s, req, p, cache := j.settings, j.request, j.plan, j.cache
	j.script.Main = describeStatements(s, p.Schema)
	results, err := e.results(ctx, j, nil)
	if err != nil {
		return nil, err
	}
	if p.HeadersOnly {
		return response.Described(req, p, nil), nil
	}
	in := openapi.Input{
		Tables:            slices.Collect(cache.Tables(p.Schema)),
		Routines:          slices.Collect(cache.AllRoutines(p.Schema)),
		Relationships:     cache,
		SchemaDescription: openapi.SchemaDescription(results[0].Rows),
		SecurityActive:    s.OpenAPI.SecurityActive,
		ProxyURI:          s.OpenAPI.ProxyURI,
		Host:              s.OpenAPI.Host,
		Port:              s.OpenAPI.Port,
		Version:           compatibleWith,
		DocsVersion:       docsVersion,
	}
	if !s.OpenAPI.IgnorePrivileges {
		if err := accessible(&in, cache, p.Schema, results); err != nil {
			return nil, err
		}
	}
	return response.Described(req, p, openapi.Document(in)), nil
}

// describeStatements ask for the schema's comment and, unless privileges are
// ignored, for what the role may use.
func describeStatements(s *Settings, schema string) []query.Statement {
	texts := []struct {
		sql     string
		columns int
	}{{sql.OpenAPISchemaDescription, 1}, {sql.OpenAPITables, 1}, {sql.OpenAPIRoutines, 2}}
	if s.OpenAPI.IgnorePrivileges {
		texts = texts[:1]
	}
	var out []query.Statement
	for _, t := range texts {
		out = append(out, query.Statement{
			SQL: t.sql, Args: []query.Arg{{Value: []byte(schema)}}, Columns: t.columns, BinaryColumn: -1,
		})
	}
	return out
}

func accessible(in *openapi.Input, cache *schemacache.Cache, schema string, results []exec.Result) (err error) {
	in.Tables = openapi.AccessibleTables(cache.Tables(schema), results[1].Rows)
	in.Routines, err = openapi.AccessibleRoutines(cache.AllRoutines(schema), results[2].Rows)
	return err
}
