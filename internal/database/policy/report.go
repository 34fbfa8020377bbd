package policy

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"
)

// Report is the matrix of one database.
type Report struct {
	Database    string
	AskedAt     time.Time
	Elapsed     time.Duration
	Squares     []Square
	Differences Differences // from the expected matrix, and from the product's needs
	OwnPolicies Differences // of base tables; not judged
}

// NewReport compares squares with the expected matrix.
func NewReport(database string, askedAt time.Time, elapsed time.Duration, squares []Square) Report {
	return Report{
		Database: database, AskedAt: askedAt.UTC(), Elapsed: elapsed, Squares: squares,
		Differences: Compare(squares), OwnPolicies: OwnPolicies(squares),
	}
}

// Disagreements are the squares for which the database gave an access that its catalog rules out.
func (r Report) Disagreements() []Square { return r.filter(Square.Disagrees) }

// Unproven are the squares that could not be tried.
func (r Report) Unproven() []Square {
	return r.filter(func(s Square) bool { return s.Trial == Unproven })
}

func (r Report) filter(keep func(Square) bool) []Square {
	list := []Square{}
	for _, s := range r.Squares {
		if keep(s) {
			list = append(list, s)
		}
	}
	return list
}

const legend = `Cells are select, insert, update, delete, or one letter for a function:
A every row   o own rows   c rows by condition   . no row   - denied   x may call   ? not known
Of evidence: whether rows may be lost, forged and redated.
`

// WriteText writes the matrix, and below it the cells that the trial could not confirm.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-36s", r.Database)
	for _, role := range roles {
		fmt.Fprintf(&b, "  %-4.4s", role)
	}
	b.WriteString("\n" + Format(Cells(r.Squares)) + "\n" + legend)
	for _, s := range r.Disagreements() {
		fmt.Fprintf(&b, "DISAGREES  %s %s %s: the catalog says %s (%s), the trial %s %s\n", s.Object, s.Role, s.Operation, s.Catalog, s.Why, s.Trial, s.Note)
	}
	for line := range strings.Lines(r.OwnPolicies.String()) {
		b.WriteString("BY THE PROJECT'S OWN POLICY  " + line)
	}
	writeUnproven(&b, r.Unproven())
	fmt.Fprintf(&b, "%d cells, %d proved by asking, %d disagree with the catalog, %d differ from the expected matrix; %s\n", len(r.Squares),
		len(r.Squares)-len(r.Unproven()), len(r.Disagreements()), len(r.Differences), r.Elapsed.Round(time.Millisecond))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write matrix: %w", err)
	}
	return nil
}

// writeUnproven groups by object and reason: the same one holds for most roles.
func writeUnproven(b *strings.Builder, list []Square) {
	seen := map[string]bool{}
	for _, s := range list {
		line := fmt.Sprintf("NOT PROVABLE  %s %s: %s\n", s.Object, s.Operation, s.Note)
		if !seen[line] {
			seen[line] = true
			b.WriteString(line)
		}
	}
}

// jsonSquare is the stable form of a square.
type jsonSquare struct {
	Object    string `json:"object"`
	Role      string `json:"role"`
	Operation string `json:"operation"`
	Access    string `json:"access"`
	Catalog   string `json:"catalog"`
	Trial     string `json:"trial"`
	Why       string `json:"why"`
	Note      string `json:"note,omitempty"`
	Disagrees bool   `json:"disagrees"`
	Expected  string `json:"expected,omitempty"` // of our own objects
	Needed    string `json:"needed,omitempty"`   // of the base's
}

// WriteJSON writes the report as one object.
func (r Report) WriteJSON(w io.Writer) error {
	expected, needed := accesses(Intended()), accesses(Needed())
	cells := make([]jsonSquare, len(r.Squares))
	for i, s := range r.Squares {
		cells[i] = jsonSquare{
			s.Object, s.Role, s.Operation, s.Access.String(), s.Catalog.String(), s.Trial.String(), s.Why, s.Note, s.Disagrees(), "", "",
		}
		if want, ok := expected[s.key()]; ok {
			cells[i].Expected = want.String()
		}
		if s.Want != 0 {
			cells[i].Expected = s.Want.String()
		}
		if want, ok := needed[s.key()]; ok {
			cells[i].Needed = want.String()
		}
	}
	missing := []string{}
	for _, d := range r.Differences {
		if d.Got == 0 && !slices.Contains(missing, d.Want.Object) {
			missing = append(missing, d.Want.Object)
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(struct {
		Database    string       `json:"database"`
		AskedAt     time.Time    `json:"asked_at"`
		Elapsed     int64        `json:"elapsed_ms"`
		Differences int          `json:"differences"`
		Missing     []string     `json:"missing"` // objects of ours that do not exist
		Cells       []jsonSquare `json:"cells"`
	}{r.Database, r.AskedAt, r.Elapsed.Milliseconds(), len(r.Differences), missing, cells})
	if err != nil {
		return fmt.Errorf("write matrix: %w", err)
	}
	return nil
}

func accesses(cells []Cell) map[cellKey]Access {
	list := make(map[cellKey]Access, len(cells))
	for _, c := range cells {
		list[c.key()] = c.Access
	}
	return list
}

//go:embed page.html
var page string

// pageRow is one object of the page, or its evidence.
type pageRow struct {
	Object  string
	Own     bool   // in the expected matrix
	Heading string // "" inside of a group
	Cells   [][]pageSquare
	group   string
}

type pageSquare struct {
	Square
	Class, Letter, Title string
}

// WriteHTML writes one page that needs nothing else.
func (r Report) WriteHTML(w io.Writer) error {
	t, err := template.New("page").Parse(page)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	err = t.Execute(w, struct {
		Report
		Roles   []string
		Rows    []pageRow
		Tenants string
	}{r, roles, r.pageRows(), r.tenants()})
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// tenants are the columns of the tenant's roles as text; "" = none.
func (r Report) tenants() string {
	var b strings.Builder
	writeTenants(&b, Cells(r.Squares))
	return b.String()
}

// group is the heading under which a square stands.
func (s Square) group(own bool) string {
	switch {
	case isProof(s.Operation):
		return "Evidence: may it be lost (L), forged (F), redated (R)"
	case isShow(s.Operation):
		return "Where every role must show a second factor: without, with"
	case own:
		return "ROMASHKA's"
	}
	return "Others in the served schemas"
}

func (r Report) pageRows() []pageRow {
	own := map[string]bool{}
	for _, c := range Expected() {
		own[c.Object] = true
	}
	wrong := map[cellKey]Access{}
	for _, d := range r.Differences {
		wrong[d.Want.key()] = d.Got
	}
	var rows []pageRow
	role := ""
	for _, s := range r.Squares {
		if s.ofTenant() {
			continue // a table of its own
		}
		group := s.group(own[s.Object])
		if len(rows) == 0 || rows[len(rows)-1].Object != s.Object || rows[len(rows)-1].group != group {
			row := pageRow{Object: s.Object, Own: own[s.Object], group: group}
			if len(rows) == 0 || rows[len(rows)-1].group != group {
				row.Heading = group
			}
			rows, role = append(rows, row), ""
		}
		row := &rows[len(rows)-1]
		if s.Role != role {
			row.Cells, role = append(row.Cells, nil), s.Role
		}
		last := len(row.Cells) - 1
		_, differs := wrong[s.key()]
		row.Cells[last] = append(row.Cells[last], s.onPage(differs))
	}
	return rows
}

func (s Square) onPage(differs bool) pageSquare {
	class := map[Access]string{Refused: "denied", NoRow: "none", Own: "own", All: "all", Call: "all", Condition: "some", Unproven: "some"}[s.Access]
	title := fmt.Sprintf("%s, %s, %s: %s. Catalog: %s (%s). Trial: %s.", s.Object, s.Role, s.Operation, s.Access, s.Catalog, s.Why, s.Trial)
	if s.Note != "" {
		title += " " + s.Note
	}
	if s.Trial == Unproven {
		class += " unproven"
	}
	if differs || s.Disagrees() {
		class += " wrong"
	}
	return pageSquare{s, class, strings.ToUpper(s.Operation[:1]), title}
}
