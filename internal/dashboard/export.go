package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/share"
	"github.com/romashka/sidecar/internal/postgrest"
)

// dataset is a table that an export takes rows of: where, and by which moment.
type dataset struct{ path, at string }

// datasets are by the words of export_jobs.type. Read-only.
var datasets = map[string]dataset{
	"conversations": {"/conversations", "created_at"}, "messages": {"/messages", "created_at"}, "customers": {"/customer_profiles", "created_at"},
	"daily_metrics": {"/daily_metrics", "date"}, "metrics": {"/daily_metrics", "date"}, "analytics": {"/conversation_analytics", "started_at"},
	"incidents": {"/security_incidents", "detected_at"}, "sessions": {"/security_sessions", "created_at"}, "compliance": {"/compliance_results", "checked_at"},
	"audit": {"/security_audit_logs", "created_at"}, "api": {"/api_security_logs", "timestamp"}, "sentiment": {"/sentiment_analysis", "analyzed_at"},
}

// exportRows are those of one export at most.
const exportRows = 50_000

// FileURL is where the user of an export fetches it.
func (d *Dashboard) FileURL(id string) string { return cmpOr(d.o.Address, d.o.Path) + "/files/" + id }

// Export makes a file for a row of export_jobs, as its user.
func (d *Dashboard) Export(ctx context.Context, s share.Share, o share.Order) (share.File, error) {
	v, refused := d.visitAs(background(ctx, s), s)
	if refused != nil {
		return share.File{}, refused.err()
	}
	format := strings.ToLower(o.Format)
	if format != "csv" && format != "json" {
		return share.File{}, &share.RefusedError{Reason: fmt.Sprintf("The format %.20q is not made here; there are csv and json.", o.Format)}
	}
	kind := strings.ToLower(strings.TrimSpace(o.Type))
	t, err := v.exported(ctx, kind, o)
	if err != nil {
		return share.File{}, shareFault(err)
	}
	var b bytes.Buffer
	if format == "csv" {
		err = t.csv(&b)
	} else {
		err = t.json(&b)
	}
	if err != nil {
		return share.File{}, fmt.Errorf("write an export: %w", err)
	}
	name := strings.Map(fileLetter, kind) + "-" + d.o.Now().UTC().Format(day) + "." + format
	return share.File{Name: name, Type: map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"}[format], Body: b.Bytes()}, nil
}

// shareFault makes a refusal of the API one of the share.
func shareFault(err error) error {
	if e, ok := errors.AsType[*refusal](err); ok && e.Status < http.StatusInternalServerError {
		return &share.RefusedError{Reason: told(err)}
	}
	return err
}

// fileLetter keeps letters of a file's name that no system dislikes.
func fileLetter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

// exported is the table of an export: rows of a table, or a block of a page, as
// "conversations" and "executive/volume".
func (v *visit) exported(ctx context.Context, kind string, o share.Order) (*table, error) {
	q := url.Values{}
	if err := readFilters(o.Filters, q); err != nil {
		return nil, err
	}
	if set, ok := datasets[kind]; ok {
		return v.rowsOf(ctx, set, q)
	}
	v.view = readView(q, v.person.Zone, v.d.o.Now())
	slug, block, _ := strings.Cut(kind, "/")
	_, m, ok := v.shared(slug, block)
	if !ok {
		return nil, &share.RefusedError{Reason: fmt.Sprintf("The export type %.40q is not known; there are %s, and blocks of pages as executive/volume.",
			o.Type, strings.Join(slices.Sorted(maps.Keys(datasets)), ", "))}
	}
	b := v.build(ctx, slug, m)
	switch {
	case b.unreachable:
		return nil, errUnreachable
	case b.Fault != "":
		return nil, &share.RefusedError{Reason: b.Fault}
	case b.Data == nil:
		return nil, &share.RefusedError{Reason: cmpOr(b.Empty, "There is nothing to export.")}
	}
	return b.Data, nil
}

// rowsOf reads rows of a table, the newest first.
func (v *visit) rowsOf(ctx context.Context, set dataset, q url.Values) (*table, error) {
	ask := url.Values{"select": {"*"}, "order": {set.at + ".desc.nullslast"}, "limit": {strconv.Itoa(exportRows)}}
	if from := q.Get("from"); from != "" {
		ask.Add(set.at, "gte."+from)
	}
	if to, err := time.Parse(day, q.Get("to")); err == nil {
		ask.Add(set.at, "lt."+to.AddDate(0, 0, 1).Format(day))
	}
	for name, column := range map[string]string{"channel": "channel_type", "team": "department", "agent": "assigned_agent_id", "priority": "priority", "language": "language", "status": "status"} {
		if value := q.Get(name); value != "" {
			ask.Set(column, "eq."+value) // a table without it refuses, and says so
		}
	}
	body, err := v.read(ctx, &postgrest.Request{Method: http.MethodGet, Path: set.path, RawQuery: ask.Encode()})
	if err != nil {
		return nil, err
	}
	return readTable(body)
}

// readTable reads an array of objects; its columns are in the order of the first one.
func readTable(body []byte) (*table, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var list []json.RawMessage
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	t := &table{}
	for i, one := range list {
		if i == 0 {
			names, err := keysOf(one)
			if err != nil {
				return nil, err
			}
			t.Columns = columns(names...)
		}
		rows, err := readRows(one)
		if err != nil || len(rows) != 1 {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		line := make([]cell, len(t.Columns))
		for i, c := range t.Columns {
			line[i] = cell{Text: rows[0].text(c.Name), Raw: rows[0].text(c.Name)}
		}
		t.Rows = append(t.Rows, line)
	}
	return t, nil
}

// keysOf are the names of an object in its order.
func keysOf(object []byte) (names []string, err error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err = d.Token(); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		text, _ := name.(string)
		names = append(names, text)
	}
	return names, nil
}

// json writes the table as an array of objects of texts.
func (t *table) json(w *bytes.Buffer) error {
	list := make([]map[string]string, len(t.Rows))
	for i, line := range t.Rows {
		list[i] = map[string]string{}
		for j, c := range line {
			if text := cmpOr(c.Raw, c.Text); text != none && t.Columns[j].Name != "" {
				list[i][t.Columns[j].Name] = text
			}
		}
	}
	return json.NewEncoder(w).Encode(list) //nolint:wrapcheck // the caller says of what
}

// file gives the file of an export to its user.
func (d *Dashboard) file(w http.ResponseWriter, v *visit) {
	if d.o.Shares == nil {
		d.fail(w, v.r, http.StatusNotFound, "There is no such file.")
		return
	}
	f, err := d.o.Shares.File(v.r.Context(), v.r.PathValue("id"), v.subject)
	switch {
	case errors.Is(err, share.ErrEnded):
		d.fail(w, v.r, http.StatusNotFound, "There is no such file, or it is another's, or it was removed after a week.")
		return
	case err != nil:
		d.away(w, v.r)
		return
	}
	w.Header().Set("Content-Type", f.Type)
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.Name+`"`)
	_, _ = w.Write(f.Body)
}
