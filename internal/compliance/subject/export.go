package subject

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	_ "embed"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance/content"
)

//go:embed index.html
var indexPage string

// Exported is the content of an export, in numbers.
type Exported struct {
	Request string     `json:"request,omitempty"`
	DueAt   *time.Time `json:"due_at,omitempty"`
	Tables  []Exports  `json:"tables"`
	Unseen  []Unseen   `json:"unseen"`
}

// Exports are the rows of one table in an export.
type Exports struct {
	Relation string `json:"relation"`
	Rows     int    `json:"rows"`     // about the person, whole
	Mentions int    `json:"mentions"` // of others, of which only the parts that name him are given
	File     string `json:"file"`
}

// Export writes all that is held of a person as a zip of JSON and CSV with a page
// that lists it, and closes the request.
//
// Secrets (a password's hash, a token) are left out, and of rows that are others'
// all but the key and the columns that name the person: Art. 15(4).
func Export(ctx context.Context, conn *pgx.Conn, o Options, at time.Time, w io.Writer) (x Exported, err error) {
	req, err := openRequest(ctx, conn, withDefaults(o), "access")
	if err != nil {
		return x, err
	}
	p, err := look(ctx, conn, newMarks(o.Email), o)
	if err != nil {
		return x, err
	}
	if !req.absent {
		x.Request, x.DueAt = req.ID, &req.DueAt
	}
	if err := p.write(w, o, at, &x); err != nil {
		return x, fmt.Errorf("write the export: %w", err)
	}
	figures, err := json.Marshal(x)
	if err != nil {
		return x, err
	}
	return x, req.answered(ctx, conn, "export", true, fmt.Sprintf("exported %d tables", len(x.Tables)), string(figures))
}

func (p *person) write(w io.Writer, o Options, at time.Time, x *Exported) error {
	z := zip.NewWriter(w)
	x.Unseen = p.unseen
	var all []any
	for _, t := range p.schema.order {
		e := Exports{Relation: t.id(), File: fileName(t.id())}
		var list []map[string]any
		for _, r := range p.order {
			if r.table != t || t.Kind == "m" {
				continue
			}
			if r.his {
				e.Rows++
			} else {
				e.Mentions++
			}
			list = append(list, p.shown(r))
		}
		if len(list) == 0 {
			continue
		}
		x.Tables = append(x.Tables, e)
		all = append(all, map[string]any{"relation": t.id(), "rows": list})
		if err := addJSON(z, e.File+".json", at, list); err != nil {
			return err
		}
		if err := addCSV(z, e.File+".csv", at, t, list); err != nil {
			return err
		}
	}
	if err := addJSON(z, "all.json", at, map[string]any{"email": o.Email, "at": at.UTC().Format(time.RFC3339), "tables": all}); err != nil {
		return err
	}
	if err := addIndex(z, o, at, x); err != nil {
		return err
	}
	return z.Close()
}

// shown is the part of a row that the person is given.
func (p *person) shown(r *row) map[string]any {
	out := map[string]any{}
	for _, c := range r.table.Columns {
		value := r.values[c.Name]
		held, _ := text(value)
		switch {
		case content.NamedSecret(c.Name) && value != nil:
			out[c.Name] = "(a secret, not given)"
		case r.his, slices.Contains(r.table.Key, c.Name), r.links[c.Name], value != nil && p.marks.in(held):
			out[c.Name] = value
		}
	}
	return out
}

var unfit = regexp.MustCompile(`[^\p{L}\p{N}_.-]+`) // read-only

// fileName is a name of a table as a file may have it.
func fileName(relation string) string { return "tables/" + unfit.ReplaceAllString(relation, "_") }

func create(z *zip.Writer, name string, at time.Time) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at.UTC()})
}

func addJSON(z *zip.Writer, name string, at time.Time, value any) error {
	f, err := create(z, name, at)
	if err != nil {
		return err
	}
	e := json.NewEncoder(f)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// addCSV writes rows with a head. A value that a spreadsheet would take for a
// formula is written as text.
func addCSV(z *zip.Writer, name string, at time.Time, t *table, list []map[string]any) error {
	f, err := create(z, name, at)
	if err != nil {
		return err
	}
	c := csv.NewWriter(f)
	head := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		head[i] = column.Name
	}
	_ = c.Write(head)
	for _, values := range list {
		line := make([]string, len(head))
		for i, column := range head {
			line[i], _ = text(values[column])
			if _, isText := values[column].(string); isText && line[i] != "" && strings.ContainsRune("=+-@\t\r", rune(line[i][0])) {
				line[i] = "'" + line[i]
			}
		}
		_ = c.Write(line)
	}
	c.Flush()
	return c.Error()
}

func addIndex(z *zip.Writer, o Options, at time.Time, x *Exported) error {
	page, err := template.New("index").Parse(indexPage)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = page.Execute(&b, struct {
		*Exported
		Email string
		At    time.Time
	}{x, o.Email, at.UTC()})
	if err != nil {
		return err
	}
	f, err := create(z, "index.html", at)
	if err != nil {
		return err
	}
	_, err = f.Write(b.Bytes())
	return err
}
