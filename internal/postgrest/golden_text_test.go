package postgrest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// sessionText shows the transaction and its settings, a pair a line.
func sessionText(s *query.Script) string {
	var out strings.Builder
	fmt.Fprintf(&out, "transaction: read only %t, rollback %t, isolation %q\n", s.Tx.ReadOnly, s.Tx.Rollback, s.Tx.Isolation)
	if !s.PreRequest.IsZero() {
		out.WriteString("before: " + s.PreRequest.SQL + "\n")
	}
	out.WriteString(broken(s.Settings.SQL) + "\n")
	writeArgs(&out, s.Settings.Args)
	return out.String()
}

// sqlText shows the statements, broken into lines where a clause begins.
func sqlText(statements []query.Statement) string {
	var out strings.Builder
	for _, s := range statements {
		if title, _, fixed := strings.Cut(s.SQL, "\n"); fixed { // a file of sql/
			out.WriteString(title + " ...\n")
			continue
		}
		out.WriteString(broken(s.SQL) + ";\n")
	}
	return out.String()
}

func broken(sql string) string {
	clauses := []string{
		"FROM ", "WHERE ", "GROUP BY ", "ORDER BY ", "LIMIT ", "LEFT JOIN ", "INNER JOIN ", "RETURNING ", "ON CONFLICT",
		"VALUES", "set_config(", "nullif(current_setting('response.headers'",
	}
	pairs := make([]string, 0, 2*len(clauses)+4)
	pairs = append(pairs, " DISTINCT FROM ", " DISTINCT FROM ") // no clause
	for _, c := range clauses {
		pairs = append(pairs, " "+c, "\n"+c)
	}
	pairs = append(pairs, ") SELECT ", ")\nSELECT ")
	return strings.NewReplacer(pairs...).Replace(sql)
}

func argsText(statements []query.Statement) string {
	var out strings.Builder
	for i, s := range statements {
		if i > 0 && len(s.Args) > 0 {
			out.WriteString("of the next statement:\n")
		}
		writeArgs(&out, s.Args)
	}
	return out.String()
}

func writeArgs(out *strings.Builder, args []query.Arg) {
	for i, a := range args {
		out.WriteString("$" + strconv.Itoa(i+1) + " = ")
		switch {
		case a.Value == nil:
			out.WriteString("NULL\n")
		case a.Binary:
			fmt.Fprintf(out, "bytes %x\n", a.Value)
		default:
			out.WriteString(strings.ReplaceAll(string(a.Value), "\n", `\n`) + "\n")
		}
	}
}

// responseText shows the client's view of a response; a body without a line feed
// at its end gets one.
func responseText(t *testing.T, r *postgrest.Response) string {
	t.Helper()
	body := bytes.NewBuffer(r.Body)
	if r.Stream != nil {
		if err := r.Stream(body); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	out.WriteString(strings.TrimSpace(strconv.Itoa(r.Status)+" "+r.Reason) + "\n")
	for _, h := range r.Header {
		out.WriteString(h.Name + ": " + h.Value + "\n")
	}
	if r.Status == http.StatusOK && strings.Contains(out.String(), "vnd.pgrst.plan") { // its costs depend on PostgreSQL's release
		return out.String() + "\n(an execution plan)"
	}
	if body.Len() > 0 {
		out.WriteString("\n" + strings.ToValidUTF8(body.String(), "\uFFFD"))
	}
	return out.String()
}
