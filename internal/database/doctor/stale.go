package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

const (
	staleRule = "stale_schema_cache"

	// secondLook is when an API that is behind is asked again: a reload that was
	// just asked for takes its time.
	secondLook = 2 * time.Second

	maxDescription = 32 << 20 // bytes
	shownNames     = 5        // of the relations and columns in the evidence
)

// staleCaches asks each API that is known how it sees the database, and compares:
// PostgREST and the sidecar work from a schema cache that they load when notified,
// and a server that is deaf to that answers 404 for a new table.
//
// It sees relations and columns. Functions are described from the database
// itself, whatever the schema cache has.
func (e *examination) staleCaches(ctx context.Context, conn *pgx.Conn) {
	apis := map[string]string{} // name -> address
	if e.APIURL != "" {
		apis["the API"] = e.APIURL
	}
	if e.UpstreamURL != "" {
		apis["the Supabase project's API"] = e.UpstreamURL + "/rest/v1"
	}
	if len(apis) == 0 {
		e.checked(staleRule, errors.New("the API's address is not known; give --api-url"))
	}
	for _, name := range slices.Sorted(maps.Keys(apis)) {
		e.checked(staleRule, e.staleCache(ctx, conn, name, apis[name]))
	}
}

func (e *examination) staleCache(ctx context.Context, conn *pgx.Conn, name, address string) error {
	var differences []string
	for look := range 2 {
		if look > 0 {
			if err := service.Sleep(ctx, secondLook); err != nil {
				return err
			}
		}
		var err error
		if differences, err = e.compareAPI(ctx, conn, address); err != nil {
			return fmt.Errorf("%s at %s: %w", name, address, err)
		}
		if len(differences) == 0 {
			return nil
		}
	}
	evidence := strings.Join(differences[:min(len(differences), shownNames)], ", ")
	if more := len(differences) - shownNames; more > 0 {
		evidence += fmt.Sprintf(" and %d more", more)
	}
	e.add(Finding{
		Rule: staleRule, Severity: Error, Object: name + " at " + address,
		Fault:    "it does not know the database as it is: requests for what is new fail",
		Evidence: evidence,
		Remedy:   "NOTIFY pgrst, 'reload schema'; -- if that does not help, the server hears nothing: " + "look at db-channel-enabled, and give it a direct connection (romashka-db-direct-uri), since a pooler passes no NOTIFY on",
	})
	return nil
}

// compareAPI lists the names that only the API's description or only the catalog has,
// as "new: public.x" or "gone: public.x.y".
func (e *examination) compareAPI(ctx context.Context, conn *pgx.Conn, address string) (differences []string, err error) {
	key, role := e.AnonKey, e.AnonRole
	if e.ServiceKey != "" {
		key, role = e.ServiceKey, "service_role"
	}
	for _, schema := range e.Schemas {
		described, err := e.describe(ctx, address, schema, key)
		if err != nil {
			return nil, err
		}
		there, err := e.servedColumns(ctx, conn, schema, role)
		if err != nil {
			return nil, err
		}
		differences = append(differences, compareColumns(schema, there, described)...)
	}
	return differences, nil
}

// description is the part of an OpenAPI document that is looked at.
// Source: OpenAPI 2.0, definitions object; PostgREST 16, OpenAPI module.
type description struct {
	Definitions map[string]struct {
		Properties map[string]json.RawMessage `json:"properties"`
	} `json:"definitions"`
}

func (e *examination) describe(ctx context.Context, address, schema, key string) (d description, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+"/", http.NoBody)
	if err != nil {
		return d, fmt.Errorf("ask for its description: %w", err)
	}
	req.Header.Set("Accept", "application/openapi+json")
	if len(e.Schemas) > 1 {
		req.Header.Set("Accept-Profile", schema)
	}
	if key != "" {
		req.Header.Set("apikey", key)
		if strings.Count(key, ".") == 2 { // the newer keys are no tokens
			req.Header.Set("Authorization", "Bearer "+key)
		}
	}
	resp, err := e.HTTPClient.Do(req)
	if err != nil {
		return d, fmt.Errorf("ask for its description: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return d, fmt.Errorf("its description could not be read: status %d", resp.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxDescription)).Decode(&d); err != nil {
		return d, fmt.Errorf("read its description: %w", err)
	}
	return d, nil
}

func (e *examination) servedColumns(ctx context.Context, conn *pgx.Conn, schema, role string) (map[string][]string, error) {
	query, err := sql.Doctor.ReadFile("doctor/served_columns.sql")
	if err != nil {
		return nil, fmt.Errorf("read served_columns.sql: %w", err)
	}
	rows, err := conn.Query(ctx, string(query), schema, role)
	if err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	there := map[string][]string{}
	var relation string
	var columns []string
	_, err = pgx.ForEachRow(rows, []any{&relation, &columns}, func() error {
		there[relation] = slices.Clone(columns)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	return there, nil
}

func compareColumns(schema string, there map[string][]string, d description) (differences []string) {
	for _, relation := range slices.Sorted(maps.Keys(there)) {
		described, known := d.Definitions[relation]
		if !known {
			differences = append(differences, fmt.Sprintf("new: %s.%s", schema, relation))
			continue
		}
		for _, column := range there[relation] {
			if _, known := described.Properties[column]; !known {
				differences = append(differences, fmt.Sprintf("new: %s.%s.%s", schema, relation, column))
			}
		}
		for _, column := range slices.Sorted(maps.Keys(described.Properties)) {
			if !slices.Contains(there[relation], column) {
				differences = append(differences, fmt.Sprintf("gone: %s.%s.%s", schema, relation, column))
			}
		}
	}
	return differences
}
